"""The kit for readers: it lets htrkit's own pass and catches each kind of wrong one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from htrkit import InputError, Line, Sample
from htrkit.readers import Skipped
from htrkit.readers.folder import Folder
from htrkit.readers.table import Table
from htrkit.testing import NonconformityError, check_reader
from tests import drawing


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return drawing.save_table(tmp_path, ["one", "two"], groups={"writer": ["a", "b"]})


def test_htrkits_own_keep_the_contract(table: Path) -> None:
    check_reader(Table, table)
    for name, text in (("000.gt.txt", "one"), ("001.gt.txt", "two")):
        (table.parent / name).write_text(text)
    check_reader(Folder, table.parent)


TIMES = itertools.count()


class Right:
    """Reads any table, and refuses everything else."""

    def accepts(self, path: Path) -> Any:
        return path.name == "table.tsv" and path.is_file()

    def read(self, path: Path) -> Iterator[Any]:
        yield from Table().read(path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda sample: [None], "read gives None, which is neither Sample nor Skipped"),
        (lambda sample: [Skipped("x", "no image")], "read gives no sample of"),
        (lambda sample: [sample, Skipped("x", 5)], "whose where and reason are no texts"),
        (lambda sample: [sample, Skipped("x", "")], "whose where and reason are no texts"),
        (lambda sample: [sample, sample], "two samples have one id"),
        (lambda sample: [replace(sample, text=None)], "the text of .* is None"),
        (lambda sample: [replace(sample, groups={"writer": 1})], "the groups of .* are not all texts"),
        (lambda sample: [replace(sample, line="a")], "'a' is no Line with an id"),
        (lambda sample: [replace(sample, line=Line("a", None))], "the line a: its check raised ShapeError"),
        (lambda sample: [Sample(Line(str(next(TIMES)), sample.line.pixels), "a")], "read gives something else"),
    ],
)
def test_wrong_entries_are_caught(table: Path, spoil: Any, says: str) -> None:
    class Spoilt(Right):
        def read(self, path: Path) -> Iterator[Any]:
            first, *_ = super().read(path)
            yield from spoil(first)

    with pytest.raises(NonconformityError, match=says):
        check_reader(Spoilt, table)


def test_answers_to_junk_are_checked(table: Path) -> None:
    class Deaf(Right):
        def accepts(self, path: Path) -> Any:
            return None

    class Curious(Right):
        def accepts(self, path: Path) -> Any:
            return bool(path.read_text())

    class Vague(Right):
        def accepts(self, path: Path) -> Any:
            return path.exists() and path.stat().st_size and path.name == "table.tsv"

    class Careless(Right):
        def read(self, path: Path) -> Iterator[Any]:
            try:
                yield from super().read(path)
            except InputError:
                raise KeyError(path) from None

    for reader, says in (
        (Deaf, "accepts does not know"),
        (Curious, "accepts raised FileNotFoundError: .* on no file"),
        (Vague, "accepts does not know|accepts gives no bool"),
        (Careless, "read raised KeyError: .* on no file, instead of InputError"),
    ):
        with pytest.raises(NonconformityError, match=says):
            check_reader(reader, table)
