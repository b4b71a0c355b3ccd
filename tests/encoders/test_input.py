"""Lines fitted into a network's input."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.encoders.input import InputRule

WORD = InputRule(height=32, width=128, frames_per_pixel=0.25)
ANY = InputRule(height=32, width=None, frames_per_pixel=0.25)
MARGINS = replace(ANY, margin=0.25, word_margin=0.125)


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


def test_a_word_gets_paper_all_around_it_and_a_line_on_both_sides():
    for height, width, rows, columns in ((80, 120, (3, 29), (8, 46)), (40, 320, (0, 32), (8, 264))):
        ink = MARGINS.fit(np.zeros((height, width), np.uint8)) > 0.5
        for axis, (begin, end) in ((1, rows), (0, columns)):
            inked = np.flatnonzero(ink.any(axis=axis))
            assert abs(inked[0] - begin) <= 1
            assert abs(inked[-1] + 1 - end) <= 1


@pytest.mark.parametrize("rule", [MARGINS, replace(WORD, margin=0.3, word_margin=0.2)])
@given(height=st.integers(1, 300), width=st.integers(1, 3000))
def test_frames_on_margins_have_no_width_and_the_others_stand_on_their_columns(rule, height, width):
    edges = rule.frame_edges(height, width)
    pixels = np.full((height, width), 255, np.uint8)
    assert len(edges) == rule.frames(rule.input_width(height, width)) + 1
    assert len(edges) == rule.frames(rule.fit(pixels).shape[1]) + 1
    assert (np.diff(edges) >= 0.0).all()
    assert edges[0] == 0.0
    assert edges[-1] <= width
    begin, end = width // 3, max(width // 3 + 1, 2 * width // 3)
    pixels[:, begin:end] = 0
    inked = np.flatnonzero(rule.fit(pixels).max(axis=0) > 0.02)
    frame = 1 / rule.frames_per_pixel
    first, last = int(inked[0] // frame), int(inked[-1] // frame)
    if last + 1 < len(edges):
        wide = np.diff(edges).max() + 1
        assert edges[first] - wide <= begin
        assert edges[last + 1] + wide >= end
        assert edges[first + 1] + wide >= begin
        assert edges[last] - wide <= end
