"""What an epoch is judged by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.training.data import Example
from htrkit.training.history import chosen_by, groups_of
from htrkit.training.validation import Validation
from tests import tiny_model

RULE = InputRule(height=32, width=None, frames_per_pixel=0.25)
TEXTS = ("ab", "aab", "b", "abab")


class Bars:
    """Reads the bars of tiny_model."""

    def predict_on_batch(self, batch: Any) -> Any:
        ink = batch[:, :, : batch.shape[2] // 4 * 4, 0].mean(axis=1).reshape(len(batch), -1, 4).mean(axis=2)
        logits = np.stack([np.zeros_like(ink), 60 * ink - 27, 30 * ink - 6], axis=-1)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)), np.float32)


def validation(groups: tuple[str, ...]) -> Validation:
    images = [tiny_model.draw(text, width=16 * len(text)) for text in TEXTS]
    examples = [Example(image, np.zeros(0, np.int32), text) for image, text in zip(images, TEXTS, strict=True)]
    return Validation(examples, groups, RULE, Alphabet("ab"), batch_size=2)


def test_lines_of_any_width_are_read_in_their_order() -> None:
    told: list[int] = []
    assert validation(()).read(Bars(), told.append) == [(text, text) for text in TEXTS]  # type: ignore[arg-type]
    assert sum(told) == len(TEXTS)


def test_without_groups_every_line_counts() -> None:
    row = validation(()).figures([("ab", "ab"), ("aab", "b"), ("b", "b"), ("abab", "abab")])
    assert row == {"valid_cer": 0.2, "valid_wer": 0.25, "valid_exact": 0.75}
    assert chosen_by(row) == 0.2


def test_groups_count_alike_however_large_they_are() -> None:
    row = validation(("easy", "hard", "easy", "easy")).figures(
        [("ab", "ab"), ("aab", "b"), ("b", "b"), ("abab", "abab")]
    )
    assert row["valid_cer"] == 0.2
    assert groups_of(row) == {"easy": 0.0, "hard": pytest.approx(2 / 3, abs=1e-6)}
    assert chosen_by(row) == pytest.approx(1 / 3, abs=1e-6)
