"""What a stranger goes through: a package built, installed by pip beside an installed htrkit, and used by its name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import cv2
import doc_commands
import numpy as np
import pytest

from htrkit import plugins
from htrkit.scaffold import EXAMPLES
from tests import tiny_model

ROOT = Path(__file__).parent.parent
PACKAGES = (ROOT, ROOT / "plugins" / "htrkit-example-decoder")
NAME = "acme-htr"
"""Of a stranger's package, and of all its components."""


def run(*command: str | Path, cwd: Path | None = None, code: int = 0, **environment: str | Path) -> str:
    """What a command prints; its own errors if it does not exit with ``code``."""
    outer = {key: value for key, value in os.environ.items() if not key.startswith(("HTRKIT_", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**outer, "NO_COLOR": "1", **{key: str(value) for key, value in environment.items()}},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The libraries that htrkit needs, from the environment that runs the tests, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("lent")
    for place in (entry for entry in map(Path, sys.path) if entry.name == "site-packages"):
        for library in place.iterdir():
            ours = library.name.startswith(("htrkit", "_htrkit", "__editable__", "_editable"))
            if not ours and library.suffix != ".pth" and not (folder / library.name).exists():
                (folder / library.name).symlink_to(library)
    return folder


@pytest.fixture(scope="module")
def fresh(lent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment in which pip has installed both wheels, and nothing else of htrkit."""
    folder = tmp_path_factory.mktemp("fresh")
    for package in PACKAGES:
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "wheels", package)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    programs = folder / "venv" / "bin"
    purelib = run(programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(purelib, "lent.pth").write_text(f"{lent}\n")
    install(programs, *sorted((folder / "wheels").glob("*.whl")))
    return programs


def install(programs: Path, *packages: Path) -> None:
    """Have pip install packages, and nothing that they need."""
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--no-index", "--no-deps", "--no-build-isolation", *packages)


def test_the_plugin_is_listed_with_its_package(fresh: Path, tmp_path: Path) -> None:
    listed = {entry["name"]: entry for entry in json.loads(run(fresh / "htrkit", "decoders", "--json", cwd=tmp_path))}
    assert listed["allowed"]["from"] == "htrkit-example-decoder"
    assert listed["best-path"]["from"] == "htrkit"
    assert not any(entry["broken"] for entry in listed.values())


def test_htrkit_runs_from_the_wheel(fresh: Path, tmp_path: Path) -> None:
    where = run(fresh / "python", "-c", "import htrkit; print(htrkit.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(fresh.parent)


def test_an_image_is_read_with_the_decoder_of_the_plugin(fresh: Path, tmp_path: Path) -> None:
    tiny_model.write(tmp_path / "bars")
    cv2.imwrite(str(tmp_path / "line.png"), tiny_model.draw("abba"))
    read: list[str | Path] = [fresh / "htrkit", "recognize", "line.png", "--model", "bars", "--decoder"]
    assert run(*read, "best-path", cwd=tmp_path) == "abba\n"
    assert run(*read, "allowed", cwd=tmp_path) == "abba\n"
    assert set(run(*read, "allowed", "-o", "characters=b", cwd=tmp_path)) <= set("b\n")
    run(*read, "allowed", "-o", "characters=z", cwd=tmp_path, code=2)


def test_what_htrkit_ships_is_in_the_wheel(fresh: Path, tmp_path: Path) -> None:
    for kind in ("models", "lexicons", "language-models"):
        ours = {entry.component.name for entry in plugins.declared(kind.removesuffix("s").replace("-", " "))}
        listed = json.loads(run(fresh / "htrkit", kind, "--json", cwd=tmp_path))
        assert {entry["name"] for entry in listed} <= ours
        for entry in listed:
            told = json.loads(run(fresh / "htrkit", kind, entry["name"], "--json", cwd=tmp_path))
            if entry["name"] == "ensemble":  # of models that are named in its options
                continue
            assert Path(told["path"]).exists()
            assert Path(told["path"]).is_relative_to(fresh.parent)


def test_a_sample_is_read_with_the_shipped_model(fresh: Path, tmp_path: Path) -> None:
    image = ROOT / "samples" / "number.png"
    read = run(
        fresh / "htrkit", "recognize", image, "--decoder", "allowed", "-o", "characters=0123456789", cwd=tmp_path
    )
    assert read.strip().isdigit()


@pytest.fixture(scope="module")
def stranger(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package with a component of each kind, which htrkit has written and pip installed."""
    folder = tmp_path_factory.mktemp("stranger")
    kinds = [word for kind in EXAMPLES for word in ("--kind", kind)]
    assert run(fresh / "htrkit", "new-plugin", NAME, *kinds, cwd=folder) == f"{NAME}\n"
    install(fresh, folder / NAME)
    return folder / NAME


def test_a_new_package_passes_its_own_tests(fresh: Path, stranger: Path) -> None:
    passed = run(fresh / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=stranger)
    assert re.search(r"^\d\d passed", passed, re.MULTILINE)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_component_of_a_new_package_is_listed(fresh: Path, stranger: Path, kind: str, tmp_path: Path) -> None:
    shown = run(fresh / "htrkit", f"{kind}s", NAME, cwd=tmp_path)
    assert shown.startswith(f"{NAME} ({kind}, from {NAME} 0.1.0): ")


@pytest.mark.usefixtures("stranger")
class TestEachKindOfComponentIsUsedByItsName:
    """With a model that reads bars."""

    @pytest.fixture
    def desk(self, tmp_path: Path) -> Path:
        """A folder with that model, and with images of which one file says what stands on them."""
        tiny_model.write(tmp_path / "bars")
        for text in ("abba", "ab"):
            cv2.imwrite(str(tmp_path / f"{text}.png"), tiny_model.draw(text))
        (tmp_path / "texts.txt").write_text("abba.png abba\nab.png aa\n")
        return tmp_path

    @pytest.fixture
    def read(self, fresh: Path, desk: Path) -> Callable[..., str]:
        """Reads with further options."""

        def reads(*options: str | Path, code: int = 0) -> str:
            return run(fresh / "htrkit", "recognize", *options, cwd=desk, code=code)

        return reads

    def test_decoder(self, read: Callable[..., str]) -> None:
        assert read("abba.png", "--model", "bars", "--decoder", NAME, "-o", "characters=a") == "aa\n"

    def test_step(self, read: Callable[..., str]) -> None:
        assert read("abba.png", "--model", "bars", "--preprocess", f"{NAME}:width=0") == "abba\n"
        read("abba.png", "--model", "bars", "--preprocess", f"{NAME}:width=-1", code=2)

    def test_writer(self, read: Callable[..., str]) -> None:
        written = read("abba.png", "ab.png", "--model", "bars", "--format", f"{NAME}:delimiter=;").splitlines()
        assert written[0] == "line;text;confidence"
        assert [row.split(";")[:2] for row in written[1:3]] == [["abba.png", "abba"], ["ab.png", "ab"]]
        assert written[3] == "2 lines;read with bars;"

    def test_encoder(self, read: Callable[..., str], desk: Path) -> None:
        tiny_model.write(desk / "soft", encoder=f"{NAME}:temperature=3.0")
        confidence = {
            name: json.loads(read("abba.png", "--model", name, "--format", "jsonl"))["confidence"]
            for name in ("bars", "soft")
        }
        assert 0 < confidence["soft"] < confidence["bars"]

    def test_source_and_segmenter(self, read: Callable[..., str], desk: Path) -> None:
        lines = [np.pad(tiny_model.draw(text), ((9, 9), (0, 0)), constant_values=255) for text in ("ab", "ba")]
        np.save(desk / "pages.npy", np.stack([np.concatenate(lines), np.concatenate(lines[::-1])]))
        found = read("pages.npy", "--model", "bars", "--segmenter", f"{NAME}:room=0,ink=200")
        assert found == "pages.npy#1\tab\npages.npy#1\tba\npages.npy#2\tba\npages.npy#2\tab\n"

    def test_reader(self, fresh: Path, desk: Path) -> None:
        measured = run(fresh / "htrkit", "evaluate", ".", "--reader", NAME, "--model", "bars", "--json", cwd=desk)
        assert json.loads(measured)["exact"]["value"] == 0.5

    def test_command(self, fresh: Path, desk: Path) -> None:
        assert NAME in run(fresh / "htrkit", "--help", cwd=desk)
        assert run(fresh / "htrkit", NAME, ".", "--least", "4", cwd=desk) == "'a'\t4\n"


def test_the_page_on_decoders_can_be_followed_in_an_empty_folder(lent: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "write-a-decoder.md").read_text(encoding="utf-8").partition("## 8.")[0]
    (tmp_path / "htrkit").symlink_to(ROOT)
    desk = tmp_path / "htrkit-example-decoder"
    desk.mkdir()
    script = ["set -e"]
    for language, included, block in re.findall(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        if included:
            script += [f"cp '{ROOT / 'docs' / included}' {re.findall('caption: .*`(.+)`', block)[0]}"]
        elif language == "sh":
            script += [block]
        elif language == "console":
            script += [command.text for command in doc_commands.commands(block) if " -o charcters" not in command.text]
    offline = {"PYTHONPATH": lent, "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    printed = run("bash", "-c", "\n".join(script), cwd=desk, **offline)
    assert "allowed (decoder, from htrkit-example-decoder 0.1.0)" in printed
    assert "1912\n1912\n" in printed
    assert re.search(r"= \d+ passed in ", printed)
