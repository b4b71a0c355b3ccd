"""Augmented images stay images of the same writing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.encoders.input import InputRule
from htrkit.training.augment import LINES, Augmentation

WORD = InputRule(height=32, width=128, frames_per_pixel=0.25)
ANY = InputRule(height=32, width=None, frames_per_pixel=0.25)


@given(st.integers(1, 80), st.integers(1, 300), st.integers(0, 2**32), st.sampled_from([WORD, ANY]))
@settings(max_examples=60, deadline=None)
def test_any_image_gives_ink_of_the_networks_size(height, width, seed, rule):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width), dtype=np.uint8)
    ink = Augmentation().draw(pixels, rule, rng)
    assert ink.dtype == np.float32
    assert ink.shape[0] == 32
    assert rule.width is None or ink.shape[1] == rule.width
    assert 0.0 <= ink.min() <= ink.max() <= 1.0


def test_the_same_seed_draws_the_same_image():
    pixels = np.full((40, 100), 255, np.uint8)
    pixels[10:30, 20:24] = 0
    draws = [Augmentation().draw(pixels, WORD, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_the_writing_stays_in_the_picture():
    pixels = np.full((40, 100), 255, np.uint8)
    pixels[10:30, 20:80] = 0
    for seed in range(50):
        ink = Augmentation(noise=0).draw(pixels, WORD, np.random.default_rng(seed))
        assert 0.1 * 20 * 60 / (40 * 100) < ink.mean() < 0.6


@pytest.mark.parametrize("rule", [WORD, ANY])
def test_without_changes_it_is_the_plain_fit(rule):
    still = Augmentation(slant=0, rotation=0, size=(1, 1), stretch=(1, 1), warp=0, stroke=0, blur=0, noise=0, fade=0)
    pixels = np.full((64, 256), 255, np.uint8)
    pixels[16:48, 100:140] = 0
    ink = still.draw(pixels, rule, np.random.default_rng(0))
    fitted = rule.fit(pixels)
    np.testing.assert_allclose(ink.sum(axis=0), fitted.sum(axis=0), atol=9.0)  # edges may differ by half a pixel
    np.testing.assert_allclose(ink.sum(axis=1), fitted.sum(axis=1), atol=9.0)
    assert abs(ink.mean() - fitted.mean()) < 0.01


def test_calmer_is_half_of_everything():
    calm = LINES.calmer()
    assert (calm.slant, calm.rotation, calm.blur) == (LINES.slant / 2, LINES.rotation / 2, LINES.blur / 2)
    assert calm.size == pytest.approx((0.9, 1.05))
    assert calm.stretch == pytest.approx((0.875, 1.125))
