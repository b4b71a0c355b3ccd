"""Whether an image is a page, or holds one line or word."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.preprocess.ink import dark, evened, shrunk
from htrkit.types import Pixels

ROWS = 64
"""Height at which an image is looked at: a dozen rows for each of several lines."""
SMOOTHING = 3
"""Rows over which ink is averaged: less than a line's body at that height, more than a stroke."""
LEAST_PEAK = 0.35
"""The weaker of two lines has at least this share of the ink (in its fullest row) of the stronger."""
DEEPEST_VALLEY = 0.35
"""Between two lines some row has at most this share of the weaker one's ink."""
WINDOWS = (1, 2, 4, 8)
"""A page is also looked at through windows this many times as wide as high: all of it would blur its lines."""
LEAST_STROKES = 5
"""Each line crosses its fullest row with at least as many strokes: two letters have fewer, rules and bars too."""
FULL, THINNEST = 0.3, 0.4
"""The rows with such a share of the fullest one's ink are a line's body; a row of dots has not even such a share of the
body of a line."""

LOWEST, WIDEST, TALLEST = 140, 8.0, 4.0
"""A page has so many pixels on its shorter side, and is at most so many times as wide as high, or as high as wide: what
is taller is a line that is turned."""
LARGE, BROAD = 600, 3.0
"""Nobody cuts lines out so large: so many pixels on the shorter side, of which the longer one has not so many times."""
LOOKED_AT = 500
"""Rows in which letters are measured."""
LETTERS, SURELY, PIECES = 3.0, 12.0, 25
"""Of a page, the ink is so many letters high if it gathers in rows; surely so if there are so many pieces of ink."""


def is_page(pixels: Pixels) -> bool:
    """Whether an image is a page, whose lines are to be found, rather than one line or word.

    Its size decides, or, between what is surely a line and what is surely a page, whether the ink gathers in rows and
    is many letters high. Takes no time for images as low as lines are.

    Parameters
    ----------
    pixels
        (height, width) uint8, dark ink on light paper.
    """
    height, width = pixels.shape
    if min(height, width) < LOWEST or width > WIDEST * height or height > TALLEST * width:
        return False
    if min(height, width) >= LARGE and width < BROAD * height:
        return True
    letters, pieces = _letters_high(pixels)
    several = letters >= LETTERS and looks_like_several_lines(pixels)
    return several or (letters >= SURELY and pieces >= PIECES)


def _letters_high(pixels: Pixels) -> tuple[float, int]:
    """How many letters high the ink is, and how many pieces of ink there are."""
    ink = dark(evened(shrunk(pixels, LOOKED_AT)))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights = boxes[1:][boxes[1:, cv2.CC_STAT_AREA] >= 8, cv2.CC_STAT_HEIGHT]
    if len(heights) < 2:
        return 0.0, len(heights)
    letter = np.median(heights[heights >= 0.6 * np.median(heights)])
    share = np.cumsum(ink.sum(axis=1)) / max(1, int(ink.sum()))
    return float((np.searchsorted(share, 0.97) - np.searchsorted(share, 0.03)) / letter), len(heights)


def looks_like_several_lines(pixels: Pixels) -> bool:
    """Whether two or more lines of writing stand above each other.

    Made to be silent on a single line or word, at the price of missing lines that touch each other all along.

    Parameters
    ----------
    pixels
        (height, width) uint8, dark ink on light paper.
    """
    height, width = pixels.shape
    windows = {max(ROWS, width // ratio) for ratio in WINDOWS}
    cuts = [pixels[top : top + rows] for rows in windows if 2 * rows < height for top in range(0, height, rows // 2)]
    return _has_two_lines(pixels) or any(map(_has_two_lines, cuts))


def _has_two_lines(pixels: Pixels) -> bool:
    """Whether the ink gathers in two rows of many strokes with little ink in some row between."""
    ink = dark(evened(shrunk(pixels, ROWS))).astype(bool)
    profile = np.convolve(np.pad(ink.sum(axis=1), SMOOTHING // 2), np.full(SMOOTHING, 1.0 / SMOOTHING), "valid")
    above = np.maximum.accumulate(profile)
    below = np.maximum.accumulate(profile[::-1])[::-1]
    weaker = np.minimum(above, below)
    between = np.flatnonzero((weaker > 0.0) & (weaker >= LEAST_PEAK * profile.max()))
    if not between.size:
        return False
    row = between[np.argmin(profile[between] / weaker[between])]
    if profile[row] > DEEPEST_VALLEY * weaker[row]:
        return False
    (strokes, body), (strokes_below, body_below) = map(_fullest, (ink[:row], ink[row + 1 :]))
    thin = min(body, body_below) < THINNEST * max(body, body_below)
    return not thin and min(strokes, strokes_below) >= LEAST_STROKES


def _fullest(ink: NDArray[np.bool_]) -> tuple[int, int]:
    """How many strokes cross the row with the most ink, and how many rows around it have nearly as much."""
    if not ink.any():
        return 0, 0
    ink_of_row = ink.sum(axis=1)
    fullest = int(ink_of_row.argmax())
    row = ink[fullest]
    strokes = int(row[0]) + int(np.sum(row[1:] & ~row[:-1]))
    ends = np.flatnonzero(np.pad(ink_of_row < FULL * ink_of_row.max(), 1, constant_values=True))
    after = int(np.searchsorted(ends, fullest + 1))
    return strokes, int(ends[after] - ends[after - 1]) - 1
