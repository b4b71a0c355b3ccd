from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from htrkit.errors import UsageError
from htrkit.preprocess.deskew import Deskew, slope
from htrkit.types import Line, Pixels
from tests.drawing import line, writing

TEXT = "the quick brown letters of a whole line"


def sloping(degrees: float, text: str = TEXT) -> Pixels:
    """Writing whose base line descends by so many degrees to the right."""
    pixels = writing(text, noise=2.0)
    height, width = pixels.shape
    fall = math.tan(math.radians(degrees))
    room = math.ceil(abs(fall) * width)
    shear = np.array([[1.0, 0.0, 0.0], [fall, 1.0, 0.0 if fall > 0 else room]])
    return np.asarray(cv2.warpAffine(pixels, shear, (width, height + room), borderValue=255), np.uint8)


@pytest.mark.parametrize("degrees", [-3.0, -1.0, 0.5, 2.0, 3.5])
def test_the_slope_is_found_to_be_as_much_more_as_it_was_made_to(degrees: float) -> None:
    assert slope(sloping(degrees), 6.0) - slope(sloping(0.0), 6.0) == pytest.approx(degrees, abs=0.3)


@pytest.mark.parametrize("degrees", [-3.0, 3.0])
def test_the_line_is_level_afterwards(degrees: float) -> None:
    levelled = Deskew()(Line("", sloping(degrees)))
    assert levelled.pixels.shape[1] == sloping(degrees).shape[1]
    assert abs(slope(levelled.pixels, 4.0)) <= 0.25


def test_no_ink_is_lost() -> None:
    pixels = sloping(2.0)
    level = Deskew()(Line("", pixels)).pixels
    assert (255.0 - level).sum() == pytest.approx((255.0 - pixels).sum(), rel=0.02)


def test_no_slope_beyond_the_steepest_is_taken() -> None:
    assert abs(slope(sloping(4.0), 1.0)) <= 1.0


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((40, 400), 255, np.uint8),
        np.full((40, 400), 17, np.uint8),
        np.full((1, 1), 3, np.uint8),
        np.random.default_rng(0).integers(0, 255, (400, 40)).astype(np.uint8),
        np.random.default_rng(0).integers(0, 255, (2, 40_000)).astype(np.uint8),
        cv2.copyMakeBorder(writing("word"), 20, 20, 0, 0, cv2.BORDER_CONSTANT, value=255),
    ],
    ids=["white", "grey", "one pixel", "tall", "endless", "a word"],
)
def test_what_has_no_base_line_stays_as_it_is(pixels: Pixels) -> None:
    assert Deskew()(Line("", pixels)).pixels is pixels


def test_the_name_stays() -> None:
    assert Deskew()(line(TEXT)).id == line(TEXT).id


def test_an_angle_out_of_range_is_refused() -> None:
    with pytest.raises(UsageError, match="max_angle"):
        Deskew(max_angle=16.0)
