"""Which precision is faster here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.training import timing
from htrkit.training.settings import TrainSettings
from htrkit.training.timing import in_faster_precision
from tests.training.quiet import Quiet


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Seconds that a step is made to take in each precision."""
    seconds = {"bfloat16": 2.0, "float32": 1.0}
    monkeypatch.setattr(timing, "step_seconds", lambda settings, *_: [seconds[settings.precision]])
    monkeypatch.setattr(timing, "_has_bfloat16", lambda: False)
    return seconds


def chosen(precision: Any, progress: Quiet) -> str:
    settings = TrainSettings(data=("x",), out=Path(), precision=precision)
    return in_faster_precision(settings, None, 3, 100, progress).precision


def test_a_bfloat16_that_is_slower_is_not_taken_and_that_is_said(measured: dict[str, float]) -> None:
    progress = Quiet()
    assert chosen("bfloat16", progress) == "float32"
    assert progress.notes == [
        "no instructions for bfloat16 here: a step takes 2.00 s in bfloat16 and 1.00 s in float32; training in float32"
    ]


def test_one_that_is_faster_is(measured: dict[str, float]) -> None:
    measured["bfloat16"] = 0.5
    assert chosen("bfloat16", Quiet()) == "bfloat16"


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_nothing_is_measured_for_another_precision(measured: dict[str, float], precision: str) -> None:
    measured.clear()
    assert chosen(precision, Quiet()) == precision


def test_nothing_is_measured_where_the_processor_has_instructions(
    measured: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured.clear()
    monkeypatch.setattr(timing, "_has_bfloat16", lambda: True)
    assert chosen("bfloat16", Quiet()) == "bfloat16"
