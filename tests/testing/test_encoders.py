"""The kit for encoders: it lets a right one pass and catches each kind of wrong one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from htrkit import Line, LogProbs
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.testing import NonconformityError, check_encoder
from tests import tiny_model


@pytest.fixture
def right(tmp_path: Path) -> OnnxEncoder:
    return OnnxEncoder(tiny_model.write(tmp_path / "bars"), 1)


def test_the_default_encoder_keeps_the_contract(right: OnnxEncoder) -> None:
    check_encoder(lambda: right, n_labels=3)


class Spoilt:
    """The default encoder, with one fault."""

    def __init__(self, right: OnnxEncoder, spoil: Callable[[Sequence[Line], list[LogProbs]], Any]) -> None:
        self.right, self.spoil = right, spoil

    def encode(self, lines: Sequence[Line]) -> Any:
        return self.spoil(lines, self.right.encode(lines))


def scribble(lines: Sequence[Line], found: list[LogProbs]) -> list[LogProbs]:
    for line in lines:
        line.pixels.flags.writeable = True
        line.pixels[:] = 0
    return found


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines, found: None, "encode gave None for 13 lines in one batch"),
        (lambda lines, found: found[:-1], "encode gave .* for 13 lines"),
        (lambda lines, found: [one[:, :2] for one in found], "has 2 columns, but 3"),
        (lambda lines, found: [np.exp(one) for one in found], "no natural logarithm of a probability"),
        (lambda lines, found: [one - 1 for one in found], "do not sum to one"),
        (lambda lines, found: [one[:0] for one in found], "a plain line gets no frames"),
        (lambda lines, found: [one * np.nan for one in found], "holds nan"),
        (lambda lines, found: found[::-1], "gets other log_probs alone than in a batch|depend on the order"),
        (lambda lines, found: [one[: 40 - len(lines)] for one in found], "gets other log_probs alone than in a batch"),
        (lambda lines, found: found or 1 / 0, "encode raised ZeroDivisionError: division by zero for no lines"),
        (scribble, "encode changes its input"),
    ],
)
def test_faults_are_caught(right: OnnxEncoder, spoil: Any, says: str) -> None:
    with pytest.raises(NonconformityError, match=says):
        check_encoder(lambda: Spoilt(right, spoil), n_labels=3)


@pytest.mark.parametrize(
    ("edges", "says"),
    [("0 1 2", "raised|gave no edges of frames"), (np.arange(3.0), "3 frame_edges stand between 32 frames")],
)
def test_wrong_edges_of_frames_are_caught(right: OnnxEncoder, edges: Any, says: str) -> None:
    encoder: Any = Spoilt(right, lambda lines, found: found)
    encoder.frame_edges = lambda line: edges
    with pytest.raises(NonconformityError, match=says):
        check_encoder(lambda: encoder, n_labels=3)
