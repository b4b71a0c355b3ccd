"""Whether an image plainly holds several lines of writing, so that its reader can be warned."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.preprocess.contrast import FAINTEST_INK, paper
from htrkit.types import Pixels

ROWS = 96
"""Height at which an image is looked at: a dozen rows for each of several lines."""
SMOOTHING = 5
"""Rows over which ink is averaged: less than a line's body at that height, more than a stroke."""
LEAST_PEAK = 0.35
"""The weaker of two lines has at least this share of the ink (in its fullest row) of the stronger."""
DEEPEST_VALLEY = 0.35
"""Between two lines some row has at most this share of the weaker one's ink."""
WINDOWS = (1, 2, 4, 8)
"""A page is also looked at through windows this many times as wide as high: all of it would blur its lines."""
LEAST_STROKES = 5
"""Each line crosses its fullest row with at least as many strokes: two letters have fewer, dots, rules and bars too."""


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
    ink = _ink(pixels)
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
    return min(_strokes(ink[:row]), _strokes(ink[row + 1 :])) >= LEAST_STROKES


def _ink(pixels: Pixels) -> NDArray[np.bool_]:
    """Where there is ink, at most `ROWS` rows; nowhere where nothing stands out."""
    height, width = pixels.shape
    if height > ROWS:
        size = (max(1, round(width * ROWS / height)), ROWS)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    even = np.clip(pixels / np.maximum(paper(pixels), 1.0) * 255.0, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = even <= threshold
    if dark.all() or not dark.any() or even[~dark].mean() - even[dark].mean() < FAINTEST_INK * 255.0:
        return np.zeros(even.shape, bool)
    return np.asarray(dark)


def _strokes(ink: NDArray[np.bool_]) -> int:
    """How many strokes cross the row with the most ink."""
    if not ink.size:
        return 0
    row = ink[int(ink.sum(axis=1).argmax())]
    return int(row[0]) + int(np.sum(row[1:] & ~row[:-1]))
