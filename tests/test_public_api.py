"""htrkit's own plugins are built as a stranger would build them: on what docs/api.md shows, and on nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import htrkit

ROOT = Path(__file__).parent.parent
FILES = sorted(file for room in ("plugins", "examples") for file in (ROOT / room).glob("*/**/*.py"))
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def shown() -> set[str]:
    """The public names: those of `htrkit` itself, and those that the page has a directive for."""
    names = {f"htrkit.{name}" for name in htrkit.__all__}
    for kind, name, members in re.findall(r"^\.\. auto(\w+):: (\S+)(?:\n +:members: ?(.*))?$", API, re.MULTILINE):
        listed = {f"{name}.{member.strip()}" for member in members.split(",") if member}
        names |= listed if kind == "module" else {name}
    return names


def is_module(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def used(source: str) -> Iterator[str]:
    """The full names of what a module takes from htrkit: what it imports, and of imported modules what it asks for."""
    tree = ast.parse(source)
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "htrkit":
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if is_module(name):
                    modules[alias.asname or alias.name] = name
                else:
                    yield name
        elif isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name == "htrkit"}
            yield from (alias.name for alias in node.names if alias.name.startswith("htrkit."))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield f"{modules[node.value.id]}.{node.attr}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_plugins_use_public_names_only(file: Path) -> None:
    assert set(used(file.read_text(encoding="utf-8"))) <= shown()


def test_every_public_name_exists() -> None:
    for name in shown():
        module, _, attribute = name.rpartition(".")
        parts = [attribute]
        while not is_module(module):
            module, _, part = module.rpartition(".")
            parts.insert(0, part)
        found = import_module(module)
        for part in parts:
            found = getattr(found, part)


def test_what_is_not_public_is_found() -> None:
    source = "import htrkit.host\nfrom htrkit import ctc, Line\nfrom htrkit.decoders.trie import Ints\nctc.TRUSTED\n"
    assert set(used(source)) - shown() == {
        "htrkit.host",
        "htrkit.decoders.trie.Ints",
        "htrkit.ctc.TRUSTED",
    }
