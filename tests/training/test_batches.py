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
        return [float(np.ptp(np.flatnonzero(image.max(axis=0) > 50))) for image in ink]

    batches = Batches([example] * 16, ANY, batch_size=16, seed=1, augmentation=slants, calm_from=1)
    before, after = widths(batches, 0), widths(batches, 1)
    assert np.mean(after) < 0.75 * np.mean(before)
    assert widths(batches, 2) != after


@pytest.mark.parametrize("step", [4, 8, 12])
def test_an_epoch_that_goes_on_has_the_batches_that_it_would_have_had(step: int) -> None:
    rng = np.random.default_rng(0)
    examples = [Example(rng.integers(0, 256, (32, 64), np.uint8), np.array([1], np.int32), "a") for _ in range(60)]
    whole, rest = (Batches(examples, ANY, batch_size=4, seed=1, augmentation=Augmentation()) for _ in range(2))
    whole.stretch = rest.stretch = 4
    whole.start_epoch(3)
    rest.start_epoch(3, step)
    assert (len(whole), len(rest), rest.steps) == (15, 15 - step, 15)
    for i in range(len(rest)):
        np.testing.assert_array_equal(rest[i][0], whole[step + i][0])
    # Keras looks at the first two, and takes a width that they share for the width of all
    assert rest[0][0].shape[2] != rest[1][0].shape[2]
    assert [i for i in range(16) if rest.may_begin_at(i)] == [0, 4, 8, 12]
