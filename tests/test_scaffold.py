"""Packages that ``htrkit new-plugin`` writes; tests/test_fresh_install.py installs one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from htrkit import UsageError
from htrkit.scaffold import EXAMPLES, write_plugin
from tests.strangers import htrkit


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_package_of_one_kind_is_whole_and_says_nothing_of_the_example(kind: str, tmp_path: Path) -> None:
    folder = write_plugin("Acme_HTR", [kind], tmp_path)
    files = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    assert set(files) == {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "acme_htr/__init__.py",
        "acme_htr/py.typed",
        f"acme_htr/{kind}.py",
        f"tests/test_{kind}.py",
    }
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert (project["name"], project["description"]) == ("Acme_HTR", f"For htrkit: a {kind}")
    assert project["entry-points"]["htrkit"] == {"acme-htr": "acme_htr"}
    for path, text in files.items():
        assert "example" not in text
        if path.endswith(".py"):
            compile(text, path, "exec")
    assert files["acme_htr/__init__.py"].count("@hookimpl") == 1
    assert '[Component("acme-htr", ' in files["acme_htr/__init__.py"]
    assert "The htrkit authors" not in files["LICENSE"]


def test_a_kind_that_is_named_twice_is_written_once(tmp_path: Path) -> None:
    folder = write_plugin("htrkit-acme", ["reader", "writer", "reader"], tmp_path / "new")
    declarations = (folder / "htrkit_acme" / "__init__.py").read_text("utf-8")
    assert declarations.count("@hookimpl") == 2
    assert declarations.count('Component("acme", ') == 2


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("a b", "decoder", "'a b' is no name for a package"),
        ("../acme", "decoder", "is no name for a package"),
        ("acme-", "decoder", "is no name for a package"),
        ("json", "decoder", "'json' will not do: import json means something else already"),
        ("htrkit", "decoder", "import htrkit means something else already"),
        ("numpy", "decoder", "import numpy means something else already"),
        ("class", "decoder", "import class means something else already"),
        ("beam", "decoder", "there is a decoder named 'beam' already"),
        ("htrkit-recognize", "command", "there is a command named 'recognize' already"),
        ("acme", "wizard", "there is no example of a 'wizard'; the kinds are: decoder, "),
    ],
)
def test_what_will_not_do_is_refused_before_anything_is_written(
    name: str, kind: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        write_plugin(name, [kind], tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    run = htrkit("new-plugin", "acme", cwd=tmp_path)
    assert (run.code, run.out) == (2, "")
    assert run.err == "error: acme is there already; choose another name, or another folder with --into\n"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = htrkit("new-plugin", "acme", "--into", "file", cwd=tmp_path)
    assert run.code == 1
    assert run.err.startswith("error: cannot write file/acme: ")
