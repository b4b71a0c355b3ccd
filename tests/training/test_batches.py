"""What stands in a batch: images of similar width, varied less in the last epochs."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.encoders.input import InputRule
from htrkit.training.augment import Augmentation
from htrkit.training.batches import Batches
from htrkit.training.data import Example

ANY = InputRule(height=32, width=None, frames_per_pixel=0.25)


def test_hardly_anything_is_padding() -> None:
    rng = np.random.default_rng(0)
    widths = rng.integers(100, 1000, 1000)
    examples = [Example(np.zeros((32, width), np.uint8), np.array([1], np.int32), "a") for width in widths]
    batches = Batches(examples, ANY, batch_size=8, seed=1)
    area = sum(batches[i][0].shape[0] * batches[i][0].shape[2] for i in range(len(batches)))
    assert area < 1.1 * widths.sum()


def test_the_last_epochs_are_calmer():
    pixels = np.full((40, 100), 255, np.uint8)
    pixels[10:30, 20:24] = 0
    slants = Augmentation(
        slant=10.0, rotation=0, size=(1, 1), stretch=(1, 1), warp=0, stroke=0, blur=0, noise=0, fade=0
    )
    example = Example(pixels, np.array([1], np.int32), "a")

    def widths(batches: Batches, epoch: int) -> list[float]:
        batches.start_epoch(epoch)
        ink = batches[0][0][..., 0]
        return [float(np.ptp(np.flatnonzero(image.max(axis=0) > 0.2))) for image in ink]

    batches = Batches([example] * 16, ANY, batch_size=16, seed=1, augmentation=slants, calm_from=1)
    before, after = widths(batches, 0), widths(batches, 1)
    assert np.mean(after) < 0.75 * np.mean(before)
    assert widths(batches, 2) != after
