from __future__ import annotations

import numpy as np
import pytest

from htrkit.preprocess.border import Border
from htrkit.types import Line, Pixels
from tests.drawing import writing

BLACK = 20


@pytest.fixture
def plain() -> Pixels:
    """A line of writing with paper around it."""
    return np.pad(writing("The letter came on Tuesday"), 12, mode="edge")


def framed(pixels: Pixels, thickness: int) -> Pixels:
    spoilt = pixels.copy()
    spoilt[:thickness] = spoilt[-thickness:] = BLACK
    spoilt[:, :thickness] = spoilt[:, -thickness:] = BLACK
    return spoilt


def test_a_line_without_a_border_is_left_alone(plain: Pixels) -> None:
    line = Line("", plain)
    assert Border()(line) is line


@pytest.mark.parametrize("thickness", [1, 2, 4, 8])
def test_a_frame_becomes_paper_and_the_writing_stays(plain: Pixels, thickness: int) -> None:
    cleaned = Border()(Line("", framed(plain, thickness))).pixels
    inside = (slice(10, -10), slice(10, -10))
    np.testing.assert_array_equal(cleaned[inside], plain[inside])
    edge = np.concatenate([cleaned[0], cleaned[-1], cleaned[:, 0], cleaned[:, -1]])
    assert edge.min() > 128


@pytest.mark.parametrize("side", ["left", "below"])
def test_a_black_strip_of_a_scanner_becomes_paper(plain: Pixels, side: str) -> None:
    spoilt = plain.copy()
    if side == "left":
        spoilt[:, :10] = BLACK
    else:
        spoilt[-10:] = BLACK
    assert Border()(Line("", spoilt)).pixels.min() >= plain.min()
    assert (Border()(Line("", spoilt)).pixels < 100).sum() == pytest.approx((plain < 100).sum(), rel=0.02)


def test_an_underline_between_letters_and_edge_stays(plain: Pixels) -> None:
    underlined = np.pad(plain, ((0, 10), (0, 0)), mode="edge")
    underlined[-14:-12, 20:-20] = BLACK
    assert (Border()(Line("", underlined)).pixels[-14:-12, 20:-20] == BLACK).all()
