"""Lines fitted into a network's input."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from htrkit.encoders.input import InputRule

WORD = InputRule(height=32, width=128, frames_per_pixel=0.25)
ANY = InputRule(height=32, width=None, frames_per_pixel=0.25)


@given(st.integers(1, 300), st.integers(1, 900))
def test_any_image_fits(height, width):
    pixels = np.zeros((height, width), np.uint8)
    assert WORD.fit(pixels).shape == (32, 128)
    ink = ANY.fit(pixels)
    assert ink.shape[0] == 32
    assert abs(ink.shape[1] - 32 * width / height) <= max(1, 0.5)


def test_paper_is_zero_and_black_ink_is_one():
    ink = WORD.fit(np.zeros((64, 64), np.uint8))
    assert ink[:, 48:80].min() == 1.0
    assert ink[:, :48].max() == ink[:, 80:].max() == 0.0
    assert WORD.fit(np.full((10, 10), 255, np.uint8)).max() == 0.0


def test_a_wide_image_is_limited_by_the_width_and_keeps_its_aspect():
    ink = WORD.fit(np.zeros((32, 256), np.uint8))
    assert (ink.max(axis=1) > 0).sum() == 16
    assert (ink.max(axis=0) > 0).sum() == 128


def test_frames_follow_the_width():
    assert WORD.frames(128) == 32
    assert ANY.frames(130) == 32
