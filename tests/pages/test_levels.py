"""Whatever part of whatever range the levels of a line use, it looks like the plain line, and bare paper stays bare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from htrkit.pages.levels import eight_bits
from htrkit.preprocess.contrast import Contrast
from htrkit.types import Line, Pixels
from tests.drawing import writing

PLAIN = writing("quick brown letters", ink=0, paper=255, noise=0.0)
RANGES = [
    (np.uint16, 0, 65535),
    (np.uint16, 0, 4095),
    (np.uint16, 0, 255),
    (np.uint16, 60000, 65535),
    (np.uint16, 32000, 33000),
    (np.uint16, 20000, 50000),
    (np.int32, 0, 65535),
    (np.int32, -1000, 1_000_000),
    (np.float32, 0.0, 1.0),
    (np.float32, 0.9, 0.95),
    (np.float32, -3e9, 3e9),
    (np.float64, 0.0, 255.0),
    (np.uint8, 0, 40),
    (np.uint8, 120, 150),
    (np.uint8, 200, 255),
    (np.uint8, 235, 250),
]


def within(kind: type, black: float, white: float, pixels: Pixels = PLAIN) -> NDArray[Any]:
    """The pixels, black and white elsewhere."""
    levels = black + pixels / 255.0 * (white - black)
    return (levels if np.issubdtype(kind, np.floating) else levels.round()).astype(kind)


def cleaned(pixels: Pixels) -> NDArray[np.int64]:
    """As the network gets it."""
    return Contrast()(Line("", pixels)).pixels.astype(np.int64)


@pytest.mark.parametrize(("kind", "black", "white"), RANGES)
def test_the_levels_do_not_matter(kind: type, black: float, white: float) -> None:
    found = eight_bits(within(kind, black, white))
    assert found.dtype == np.uint8
    difference = np.abs(cleaned(found) - cleaned(PLAIN))
    assert difference.mean() < 3.0


@pytest.mark.parametrize(("kind", "black", "white"), RANGES)
def test_light_ink_stays_light(kind: type, black: float, white: float) -> None:
    found = eight_bits(within(kind, white, black))
    assert np.corrcoef(found.ravel(), PLAIN.ravel())[0, 1] < -0.97


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize(("kind", "deep"), [(np.uint8, 1.0), (np.uint16, 257.0), (np.float32, 1 / 255.0)])
def test_bare_paper_stays_bare(kind: type, deep: float, level: int) -> None:
    rng = np.random.default_rng(level)
    plain = np.full((60, 400), level * deep)
    grain = plain + rng.normal(0.0, 2.0, plain.shape) * deep
    shade = plain + np.linspace(0.0, 6.0, 400) * deep
    for paper in (plain, grain, shade):
        most = np.iinfo(kind).max if np.issubdtype(kind, np.integer) else 1.0
        found = eight_bits(paper.clip(0, most).astype(kind))
        if level:
            assert (cleaned(found) == 255).all()


def test_eight_bits_with_contrast_are_left_alone() -> None:
    pixels = writing("quick")
    assert eight_bits(pixels) is pixels


def test_what_is_no_number_is_black() -> None:
    fractions = within(np.float32, 0.0, 1.0)
    fractions[0, :3] = np.nan, np.inf, -np.inf
    found = eight_bits(fractions)
    assert found[0, :3].tolist() == [0, 255, 0]
    np.testing.assert_allclose(found[1:], PLAIN[1:], atol=1)
    assert (eight_bits(np.full((8, 8), np.nan, np.float32)) == 0).all()


def test_a_large_page_is_stretched_as_a_whole() -> None:
    page = np.tile(within(np.uint16, 60000, 65535), (12, 6))
    assert page.size > 1_000_000
    found = eight_bits(page)
    np.testing.assert_array_equal(found[: len(PLAIN), : PLAIN.shape[1]], eight_bits(within(np.uint16, 60000, 65535)))
