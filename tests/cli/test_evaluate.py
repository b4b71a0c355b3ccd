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
    (desk / "data.tsv").write_text("image\ttext\naab.png\taab\na.png\tb\nbb.png\tbb\nnope.png\tbb\n")
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
    assert [line.split()[:2] for line in run.out.splitlines()] == [
        ["rate", "value"],
        ["CER", "16.67%"],
        ["WER", "33.33%"],
        ["exact", "66.67%"],
    ]
    assert run.err == "3 read, 1 skipped: missing image (1, first: data.tsv:5: nope.png)\n"


def test_data_that_is_not_there(desk: Path) -> None:
    run = htrkit("evaluate", "nowhere.tsv", "--model", "model", cwd=desk)
    assert (run.code, run.out) == (1, "")
    assert run.err == "error: nowhere.tsv: no such file or folder\n"


def test_data_without_a_readable_sample(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "data.tsv").write_text("image\ttext\nnope.png\tbb\n")
    run = htrkit("evaluate", str(tmp_path / "data.tsv"), "--model", "model", cwd=desk)
    assert (run.code, run.out) == (1, "")
    assert run.err.endswith(f"error: nothing to measure in {tmp_path / 'data.tsv'}\n")


def test_an_unknown_reader(desk: Path) -> None:
    run = htrkit("evaluate", "data.tsv", "--model", "model", "--reader", "tabel", cwd=desk)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: no reader named 'tabel'; did you mean 'table'?")
