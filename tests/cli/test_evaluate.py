"""How well a model reads, through the real command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save
from tests.strangers import htrkit


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and a table of four lines: two read right, one wrong, one without its image."""
    desk = tmp_path_factory.mktemp("desk")
    tiny_model.write(desk / "model")
    for text in ("aab", "a", "bb"):
        save(desk / f"{text}.png", tiny_model.draw(text))
    (desk / "data.tsv").write_text(
        "image\ttext\twriter\naab.png\taab\t1\na.png\tb\t1\nbb.png\tbb\t2\nnope.png\tbb\t2\n"
    )
    return desk


def test_the_rates_as_json(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--json", cwd=desk)
    assert run.code == 0
    measured = json.loads(run.out)
    assert measured["n"] == 3
    assert measured["cer"]["value"] == pytest.approx(1 / 6)
    assert measured["wer"]["value"] == pytest.approx(1 / 3)
    assert measured["exact"]["value"] == pytest.approx(2 / 3)
    assert (measured["model"], measured["decoder"]) == ("bars", "best-path")


def test_the_rates_as_a_table_and_what_was_skipped(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", cwd=desk)
    assert run.code == 0
    assert [line.split()[:2] for line in run.out.splitlines()[:4]] == [
        ["rate", "value"],
        ["CER", "16.67%"],
        ["WER", "33.33%"],
        ["exact", "66.67%"],
    ]
    assert "case, punctuation and spaces count" in run.out
    assert "b→a 1" in run.out
    assert [line.split() for line in run.out.splitlines()[-2:]] == [
        ["errors", "truth", "read", "line"],
        ["1", "b", "a", "a.png"],
    ]
    assert run.err.startswith("3 read, 1 skipped: missing image (1, first: data.tsv:5: nope.png)\n")
    assert "intervals resample 2 groups by writer" in run.out
    assert "only 2 groups by writer: the intervals are rough" in run.err


def test_details(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--details", cwd=desk)
    assert run.code == 0
    tables = [part.splitlines() for part in run.out.split("\n\n")]
    by_length = next(lines for lines in tables if lines[0].startswith("characters"))
    assert [line.split()[:4] for line in by_length[1:]] == [["1", "to", "1", "1"], ["2", "to", "3", "2"]]
    assert sum(lines[0].split() == ["confidence", "lines", "CER", "WER", "exact"] for lines in tables) == 1
    assert sum(lines[0].startswith("calibration, expected error 0.") for lines in tables) == 1
    (words,) = (lines for lines in tables if lines[0].startswith("calibration of words, expected error 0."))
    assert words[-1] == "the least confident tenth of the words has 0.0% of the wrong ones"


@pytest.mark.parametrize(("arguments", "by", "units"), [((), "writer", 2), (("--by", "line"), "line", 3)])
def test_intervals_by_writer_or_line(desk: Path, arguments: tuple[str, ...], by: str, units: int) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--json", *arguments, cwd=desk)
    assert run.code == 0
    measured = json.loads(run.out)
    assert (measured["intervals"]["by"], measured["intervals"]["units"]) == (by, units)
    assert measured["cer"]["low"] <= measured["cer"]["value"] <= measured["cer"]["high"]


def test_a_column_that_the_data_lacks(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--by", "hand", cwd=desk)
    assert (run.code, run.out) == (2, "")
    assert "error: 3 of 3 lines have no 'hand' to resample by; the data has writer" in run.err


def test_what_may_be_ignored(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "data.tsv").write_text(f"image\ttext\n{desk / 'aab.png'}\tA, A B\n{desk / 'a.png'}\t...\n")
    run = htrkit(
        "evaluate", "data.tsv", "--model", str(desk / "model"), "--json", "--ignore", "case,punctuation",
        "--ignore", "spaces", cwd=tmp_path,
    )  # fmt: skip
    assert run.code == 0
    measured = json.loads(run.out)
    assert (measured["n"], measured["cer"]["value"]) == (1, 0.0)
    assert measured["cer"]["low"] is measured["cer"]["high"] is None
    assert measured["compared"]["ignore_spaces"] is True
    assert any(note.startswith("left out, for no text that counts: 1") for note in measured["notes"])


def test_nothing_else_can_be_ignored(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--ignore", "accents", cwd=desk)
    assert (run.code, run.out) == (2, "")
    assert run.err == "error: cannot ignore 'accents': what can be ignored is case, punctuation, spaces, lookalikes\n"


def test_data_that_is_not_there(desk: Path) -> None:
    run = htrkit("evaluate", "nowhere.tsv", "--model", "model", cwd=desk)
    assert (run.code, run.out) == (1, "")
    assert run.err == "error: nowhere.tsv: no such file or folder\n"


def test_a_file_that_cannot_be_read_is_named_once(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_text("<PcGts>")
    run = htrkit("evaluate", str(tmp_path / "page.xml"), "--model", "model", cwd=desk)
    assert (run.code, run.out) == (1, "")
    assert run.err.splitlines()[-1].startswith(f"error: {tmp_path / 'page.xml'}: not well-formed XML (")


def test_data_without_a_readable_sample(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "data.tsv").write_text("image\ttext\nnope.png\tbb\n")
    run = htrkit("evaluate", str(tmp_path / "data.tsv"), "--model", "model", cwd=desk)
    assert (run.code, run.out) == (1, "")
    assert run.err.endswith(f"error: {tmp_path / 'data.tsv'}: nothing to measure: there are no lines with known text\n")


def test_an_unknown_reader(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--reader", "tabel", cwd=desk)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: no reader named 'tabel'; did you mean 'table'?")
