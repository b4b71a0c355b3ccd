"""Trainings of a network that finds lines: they learn, go on exactly, and end in a folder for the segmenter."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.errors import InputError, UsageError
from htrkit.pages.lines.line_network import LineNetwork
from htrkit.pages.lines.line_segmenter import Lines
from htrkit.training.pages.segmenter_settings import SegmenterSettings
from htrkit.training.pages.segmenter_training import begin, resume
from tests.training.pages.barred_pages import bars, write_pages
from tests.training.quiet import Quiet


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_pages(tmp_path_factory.mktemp("pages"), 4))


def settings(pages: str, out: Path, **changes: Any) -> SegmenterSettings:
    small: dict[str, Any] = {"epochs": 2, "crops": 2, "batch_size": 2, "size": 128, "mix": (pages,)}
    return SegmenterSettings(pages=(pages,), out=out, **{**small, **changes})


@pytest.fixture(scope="module")
def straight(pages: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "straight"
    assert begin(settings(pages, out), Quiet()) == out
    return out


def test_it_ends_in_a_folder_that_the_segmenter_takes(straight: Path) -> None:
    Lines(model=str(straight)).segment(bars(straight / "x.png"))
    rows = list(csv.DictReader((straight / "training" / "history.csv").open()))
    assert [int(row["epoch"]) for row in rows] == [1, 2]
    assert "## Terms" in (straight / "README.md").read_text(encoding="utf-8")


def test_interrupted_in_the_second_epoch_it_goes_on_after_the_first_and_ends_the_same(
    pages: str, straight: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        begin(settings(pages, out), Quiet(interrupt_in_epoch=2))
    assert len(json.loads((out / "training" / "state.json").read_text())["history"]) == 1
    resume(out, Quiet())
    pixels = bars(out).pixels
    ours, theirs = (LineNetwork(folder).maps(pixels).baseline for folder in (out, straight))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_run_is_not_begun_twice(pages: str, straight: Path) -> None:
    with pytest.raises(UsageError, match="holds a training run already"):
        begin(settings(pages, straight), Quiet())


def test_there_must_be_a_run_to_resume(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no training run to resume"):
        resume(tmp_path, Quiet())


def test_pages_without_lines_are_nothing_to_train_on(tmp_path: Path) -> None:
    write_pages(tmp_path, 1)
    (tmp_path / "0.xml").unlink()
    with pytest.raises(InputError, match="no page to train on says where its lines are"):
        begin(settings(str(tmp_path), tmp_path / "out", mix=()), Quiet())


def test_a_file_is_no_folder_for_a_network(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file: name a folder"):
        begin(settings("pages", tmp_path / "file"), Quiet())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 100}, "multiple of 16"),
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"mix_share": 1.0}, "mix_share must be at least 0 and less than 1, not 1"),
        ({"precision": "float8"}, r"precision must be float32\|bfloat16, not float8"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        settings("pages", Path("out"), **wrong)
