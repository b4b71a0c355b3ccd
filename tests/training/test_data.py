"""What a run learns from: cleaned once, kept, and left out with a reason where it cannot be learnt."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from htrkit.encoders.input import InputRule
from htrkit.spec import Spec
from htrkit.training import data
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.data import hold_out, read_data
from htrkit.training.settings import TrainSettings
from tests.drawing import WORDS, save_table
from tests.training.quiet import Quiet

RULE = InputRule(height=32, width=None, frames_per_pixel=0.25)
CROP = (Spec("preprocessor", "crop"),)


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that are cleaned from here on."""
    seen: list[str] = []
    clean = data.apply_steps

    def watched(steps: Any, line: Any) -> Any:
        seen.append(line.id)
        return clean(steps, line)

    monkeypatch.setattr(data, "apply_steps", watched)
    return seen


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "cache"))
    return save_table(tmp_path / "lines", groups={"page": [str(i % 3) for i in range(len(WORDS))]})


def read(table: Path, index: Path, **changes: Any) -> data.Data:
    settings = TrainSettings(data=(str(table),), out=index.parent, **{"preprocess": CROP, **changes})
    return read_data(settings, RULE, index, Quiet())


def test_a_line_is_cleaned_once_whatever_run_asks_for_it(table: Path, tmp_path: Path, cleaned: list[str]) -> None:
    first = read(table, tmp_path / "a.json")
    assert len(cleaned) == len(WORDS) == len(first.train) + len(first.valid)
    assert all(line.image.shape[0] <= data.STORED_SCALE * RULE.height for line in first.train)
    again = read(table, tmp_path / "b.json", seed=1)
    assert len(cleaned) == len(WORDS)
    assert [line.text for line in again.train] == [line.text for line in first.train]
    for line, other in zip(first.train, again.train, strict=True):
        np.testing.assert_array_equal(line.image.pixels, other.image.pixels)
    read(table, tmp_path / "b.json", preprocess=(Spec("preprocessor", "crop", {"margin": 0.3}),))
    assert len(cleaned) == 2 * len(WORDS)


def test_a_run_that_goes_on_reads_nothing(
    table: Path, tmp_path: Path, cleaned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "lines.json"
    first = read(table, index, mix=(f"{table}=2",))
    opened: list[object] = []
    look = data.open_samples
    monkeypatch.setattr(data, "open_samples", lambda *args, **more: opened.append(args) or look(*args, **more))
    again = read(table, index, mix=(f"{table}=2",))
    assert not opened
    parts = [[first.train, first.valid, *first.mix], [again.train, again.valid, *again.mix]]
    once, twice = (
        [[(line.id, line.image.key, line.text, line.groups) for line in part] for part in of] for of in parts
    )
    assert once == twice
    os.utime(table, (0, 0))  # changed since
    read(table, index, mix=(f"{table}=2",))
    assert len(opened) == 2


def test_names_need_not_be_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleaned: list[str]) -> None:
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "Stra\udcdfe"
    save_table(folder)
    for number, image in enumerate(sorted(folder.glob("*.png"))):
        image.rename(folder / f"\udcdf{number}.png")
        (folder / f"\udcdf{number}.gt.txt").write_text(WORDS[number])
    (folder / "lines.tsv").unlink(missing_ok=True)
    first = read(folder, tmp_path / "index.json")
    assert len(first.train) + len(first.valid) == len(WORDS) == len(cleaned)
    again = read(folder, tmp_path / "index.json")
    assert [line.id for line in again.train] == [line.id for line in first.train]
    assert len(cleaned) == len(WORDS)
    run = Checkpoints(tmp_path)
    run.save_state(RunState({"data": [str(folder)]}))
    assert run.load().settings["data"] == [str(folder)]


@pytest.mark.parametrize("spoil", [lambda path: path.write_text("{"), lambda path: path.write_text("[]"), Path.unlink])
def test_an_index_that_is_damaged_is_made_anew(table: Path, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    index = tmp_path / "lines.json"
    first = read(table, index)
    spoil(index)
    assert [line.id for line in read(table, index).train] == [line.id for line in first.train]


def test_a_step_that_fails_costs_its_line(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stranger: Callable[..., None]
) -> None:
    source = """
        from htrkit import Component, hookimpl

        def fussy():
            def step(line):
                if line.id.endswith("003.png"):
                    raise RuntimeError("no such paper")
                return line
            return step

        @hookimpl
        def htrkit_preprocessors():
            return [Component("fussy", "refuses a line", "acme_fussy:fussy")]
        """
    stranger("acme-fussy", source)
    progress = Quiet()
    settings = TrainSettings(data=(str(table),), out=tmp_path, preprocess=(Spec("preprocessor", "fussy"),))
    read_lines = read_data(settings, RULE, tmp_path / "lines.json", progress)
    assert len(read_lines.train) + len(read_lines.valid) == len(WORDS) - 1
    assert any("1 left out: preprocessor 'fussy' raised RuntimeError: no such paper" in note for note in progress.notes)


def test_whole_groups_are_held_out(table: Path, tmp_path: Path) -> None:
    found = read(table, tmp_path / "lines.json", valid_by="page", valid_fraction=0.2)
    pages = [{line.groups["page"] for line in part} for part in (found.train, found.valid)]
    assert len(pages[1]) == 1
    assert pages[0] | pages[1] == {"0", "1", "2"}
    assert not pages[0] & pages[1]


def test_something_is_left_to_train_on(table: Path, tmp_path: Path) -> None:
    lines = read(table, tmp_path / "lines.json").train[:2]
    train, valid = hold_out(lines, 0.99, None, seed=1)
    assert len(train) == len(valid) == 1
