"""The rooms of docs/architecture.md: imports go from lower ones to higher ones, never round, and no module is long."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "htrkit").rglob("*.py"))
OTHERS = sorted(
    file
    for room in ("plugins", "examples", "scripts", "benchmarks")
    for file in (ROOT / room).rglob("*.py")
    if "tests" not in file.parts
)
LONGEST = 300
TABLE = re.search(
    r"## The rooms\n(.*?)\n## ", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), re.DOTALL
)


def floors() -> dict[str, int]:
    """The row of each room of the table, by the path of its module or folder in ``htrkit/``."""
    assert TABLE
    rows = [re.findall(r"`([\w/.]+)`", row.split("|")[1]) for row in TABLE[1].splitlines() if row.startswith("| `")]
    return {room: number for number, row in enumerate(rows) for room in row}


def room_of(file: Path) -> str:
    path = file.relative_to(ROOT / "htrkit")
    return f"{path.parts[0]}/" if len(path.parts) > 1 else path.name


def imports_in(node: ast.AST) -> Iterator[ast.ImportFrom]:
    """What is imported from htrkit, then or later, but for what only types need."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("htrkit"):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from imports_in(child)


def imported(file: Path) -> Iterator[Path]:
    """The modules of htrkit that one imports."""
    for node in imports_in(ast.parse(file.read_text(encoding="utf-8"))):
        for alias in node.names:
            names = [f"{node.module}.{alias.name}", node.module or ""]
            paths = [ROOT / Path(*name.split(".")) for name in names]
            modules = [module for path in paths for module in (path.with_suffix(".py"), path / "__init__.py")]
            yield next(module for module in modules if module.exists())


IMPORTS = {file: set(imported(file)) - {file, ROOT / "htrkit" / "__init__.py"} for file in FILES}


def test_every_room_is_in_the_table() -> None:
    others = {"__init__.py", "__main__.py", "builtin.py"}
    assert {room_of(file) for file in FILES} - others == set(floors())


def test_no_import_leads_down() -> None:
    floor = floors()
    wrong = [
        f"{file.relative_to(ROOT)} imports {other.relative_to(ROOT)}"
        for file, others in IMPORTS.items()
        for other in others
        if floor.get(room_of(other), -1) > floor.get(room_of(file), len(floor))
    ]
    assert wrong == ["htrkit/encoders/keras.py imports htrkit/training/network.py"]  # it builds what training builds


def test_no_import_goes_round() -> None:
    left = {file: set(others) for file, others in IMPORTS.items()}
    while free := [file for file, others in left.items() if not others & left.keys()]:
        for file in free:
            del left[file]
    assert not left


def test_no_two_modules_share_a_name() -> None:
    names = Counter(file.stem for file in FILES)
    assert [name for name, count in names.items() if count > 1] == ["__init__"]


@pytest.mark.parametrize("file", FILES + OTHERS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_module_is_long(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST
