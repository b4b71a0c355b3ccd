from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.preprocess.crop import Crop
from htrkit.types import Line
from tests.drawing import writing


def on_paper(left: int = 0, right: int = 0, above: int = 0, below: int = 0) -> Line:
    pixels = writing("Often", noise=0.0)
    return Line("", np.pad(pixels, ((above, below), (left, right)), constant_values=pixels.max()))


@given(left=st.integers(0, 90), right=st.integers(0, 90), above=st.integers(0, 90), below=st.integers(0, 90))
def test_the_paper_around_the_ink_does_not_matter(left: int, right: int, above: int, below: int) -> None:
    np.testing.assert_array_equal(Crop()(on_paper(left, right, above, below)).pixels, Crop()(on_paper()).pixels)


def test_all_the_ink_is_kept() -> None:
    line = on_paper(40, 50, 60, 70)
    assert (Crop()(line).pixels < 140).sum() == (line.pixels < 140).sum()
    assert Crop()(line).pixels.size < line.pixels.size / 4


def test_the_margin_is_a_share_of_the_inks_height() -> None:
    tight, wide = (Crop(margin=margin)(on_paper(90, 90, 90, 90)).pixels for margin in (0.0, 0.5))
    ink_height = tight.shape[0] - 2
    assert wide.shape == tuple(side + 2 * round(0.5 * ink_height) for side in tight.shape)


def test_a_speck_far_away_is_cut_off_and_a_dot_of_an_i_is_not() -> None:
    line = on_paper(100, 100, 100, 100)
    speckled = line.pixels.copy()
    speckled[5:7, 5:7] = 0
    np.testing.assert_array_equal(Crop()(Line("", speckled)).pixels, Crop()(line).pixels)
    with_dot = line.pixels.copy()
    with_dot[80:90, 150:160] = 0
    assert Crop()(Line("", with_dot)).pixels.shape[0] > Crop()(line).pixels.shape[0]
    assert Crop(speck=0.0)(Line("", speckled)).pixels.shape[0] > Crop()(line).pixels.shape[0]


@pytest.mark.parametrize("level", [0, 255])
def test_a_blank_image_is_left_alone(level: int) -> None:
    blank = Line("", np.full((20, 50), level, np.uint8))
    assert Crop()(blank) is blank


def test_the_result_does_not_hold_on_to_the_whole_image() -> None:
    line = on_paper(500, 500, 500, 500)
    cropped = Crop()(line).pixels
    assert cropped.base is None
    assert cropped.flags.c_contiguous
