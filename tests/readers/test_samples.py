from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from htrkit import plugins
from htrkit.errors import InputError, PluginError, UsageError
from htrkit.readers import Report, Samples, Skipped, open_samples
from htrkit.readers.table import Table
from htrkit.types import Line, Sample
from tests.drawing import save, save_table, writing


class Given:
    """A reader that gives what it was given, for every path."""

    def __init__(self, *entries: Sample | Skipped) -> None:
        self.entries = entries

    def accepts(self, path: Path) -> bool:
        return True

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        yield from self.entries


def sample(text: str, name: str = "x") -> Sample:
    return Sample(Line(name, np.full((5, 5), 255, np.uint8)), text, {"writer": "w"})


def test_samples_come_in_order_and_the_report_counts_them_by_reason() -> None:
    reader = Given(
        sample("a"),
        Skipped("t:2", "missing image"),
        sample("b"),
        Skipped("t:4", "empty box"),
        Skipped("t:5", "missing image"),
    )
    samples = Samples([(Path("1"), reader), (Path("2"), Given(sample("c"), Skipped("u:2", "missing image")))])
    assert str(samples.report) == "0 read, 0 skipped"
    assert [s.text for s in samples] == ["a", "b", "c"]
    assert str(samples.report) == ("3 read, 4 skipped: missing image (3, first: t:2); empty box (1, first: t:4)")
    assert [(kind.reason, kind.count, kind.first) for kind in samples.report.skipped] == [
        ("missing image", 3, "t:2"),
        ("empty box", 1, "t:4"),
    ]


def test_nothing_is_read_before_it_is_asked_for_and_a_second_iteration_begins_anew() -> None:
    samples = Samples([(Path("1"), Given(*map(sample, "abc")))])
    first = iter(samples)
    next(first)
    assert samples.report == Report(read=1)
    assert [s.text for s in samples] == list("abc")
    assert samples.report == Report(read=3)


def test_texts_are_composed_and_trimmed_and_otherwise_left_alone() -> None:
    (found,) = Samples([(Path("1"), Given(sample("  cafe\u0301  ol\u00e9 \n")))])
    assert found.text == "caf\u00e9  ol\u00e9"
    assert found.groups == {"writer": "w"}


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "\u3000", "\t", "\u2028", "\x0c"])
def test_every_kind_of_space_is_a_space(space: str) -> None:
    (found,) = Samples([(Path("1"), Given(sample(f"{space}a{space}b")))])
    assert found.text == "a b"


def test_texts_of_several_lines_are_skipped_whichever_reader_gives_them() -> None:
    samples = Samples([(Path("1"), Given(sample("a\nb", "p1"), sample("a\n")))])
    assert [s.text for s in samples] == ["a"]
    assert str(samples.report) == "1 read, 1 skipped: text of several lines (1, first: p1)"


class Broken(Given):
    """A reader with a fault, as a plugin's may have one."""

    def accepts(self, path: Path) -> bool:
        raise ZeroDivisionError("oh")

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        yield sample("a")
        raise ZeroDivisionError("oh")


@pytest.mark.parametrize("reader", [Broken(), Given(None)])  # type: ignore[arg-type]
def test_a_reader_that_fails_is_named_with_its_path(reader: Given) -> None:
    with pytest.raises(InputError, match=rf"data: the reader {type(reader).__name__} failed: "):
        list(Samples([(Path("data"), reader)]))


def test_a_reader_that_fails_to_look_does_not_keep_the_others_from_their_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "create", lambda kind, name: Table() if name == "table" else Broken())
    with pytest.warns(UserWarning, match="raised ZeroDivisionError: oh, asked whether .* is its own"):
        samples = open_samples([save_table(tmp_path, ["one"])])
    assert [s.text for s in samples] == ["one"]


def test_empty_texts_are_skipped() -> None:
    samples = Samples([(Path("1"), Given(sample("", "p1"), sample(" \t", "p2"), sample("a")))])
    assert [s.text for s in samples] == ["a"]
    assert str(samples.report) == "1 read, 2 skipped: empty text (2, first: p1)"


def test_the_reader_is_found_by_looking(tmp_path: Path) -> None:
    table = save_table(tmp_path / "table", ["one", "two"])
    save(tmp_path / "folder/a.png", writing("three"))
    (tmp_path / "folder/a.gt.txt").write_text("three\n")
    samples = open_samples([table, str(tmp_path / "folder")])
    assert [s.text for s in samples] == ["one", "two", "three"]
    assert str(samples.report) == "3 read, 0 skipped"


def test_the_reader_may_be_named_with_its_options(tmp_path: Path) -> None:
    table = save_table(tmp_path, ["one"]).rename(tmp_path / "table.list")
    with pytest.raises(InputError, match=r"table\.list: no reader knows this layout; there are: .*table"):
        open_samples([table])
    assert [s.text for s in open_samples([table], reader="table")] == ["one"]
    with pytest.raises(UsageError, match=r"no reader named 'tabel'; did you mean 'table'\?"):
        open_samples([table], reader="tabel")
    with pytest.raises(UsageError, match="level"):
        open_samples([tmp_path], reader="iam:level=pages")


def test_a_path_that_is_not_there_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    table = save_table(tmp_path, ["one"])
    with pytest.raises(InputError, match=r"none\.tsv: no such file or folder"):
        open_samples([table, tmp_path / "none.tsv"])


def test_a_path_that_two_readers_know_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "words/a.png", writing("a"))
    (tmp_path / "words/a.gt.txt").write_text("a")
    (tmp_path / "words.txt").write_text("# nothing\n")
    with pytest.raises(UsageError, match="the readers folder and iam all know it; name one of them"):
        open_samples([tmp_path])
    assert [s.text for s in open_samples([tmp_path], reader="folder")] == ["a"]


def test_a_reader_that_cannot_be_loaded_does_not_keep_the_others_from_their_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(kind: str, name: str) -> object:
        if name != "table":
            raise PluginError(f"{kind} {name!r} of acme 1.0 cannot be loaded")
        return Table()

    monkeypatch.setattr(plugins, "create", create)
    with pytest.warns(UserWarning, match=r"of acme 1\.0 cannot be loaded"):
        samples = open_samples([save_table(tmp_path, ["one"])])
    assert [s.text for s in samples] == ["one"]
