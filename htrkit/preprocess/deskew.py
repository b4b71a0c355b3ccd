"""A level base line: shear away the slope of a whole line of writing."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError
from htrkit.preprocess.angles import best_angle
from htrkit.preprocess.ink import small_ink
from htrkit.types import Line, Pixels

SEARCH_HEIGHT = 40
"""Rows in which the slope is looked for."""
COARSE, FINE = 0.5, 0.125
"""Steps in degrees between the slopes tried, first everywhere, then around the best."""
STEEPEST = 15.0
SHORTEST, LONGEST = 5.0, 50.0
"""A line this many times as wide as high has a base line to be found: in a word, ascenders and descenders would decide,
and what is longer is no line of writing, and would need many times its memory."""
PART = 16_384
"""Columns moved at a time: OpenCV warps no 32,768."""


class Deskew:
    """Shear the image by the slope at which its ink gathers in the fewest rows, as that of letters on a line does.

    Parameters
    ----------
    max_angle
        Steepest slope looked for, in degrees from the horizontal, up or down; at most 15.

    Raises
    ------
    UsageError
        If ``max_angle`` is out of its range.
    """

    def __init__(self, *, max_angle: float = 4.0) -> None:
        if not 0.0 <= max_angle <= STEEPEST:
            raise UsageError(f"option 'max_angle' of preprocessor 'deskew' is {max_angle}; it takes 0 to {STEEPEST:g}")
        self.max_angle = max_angle

    def __call__(self, line: Line) -> Line:
        """The line made level, same width, higher by what the shear needs; what is level, or no line, as it is."""
        height, width = line.pixels.shape
        angle = slope(line.pixels, self.max_angle) if SHORTEST * height <= width <= LONGEST * height else 0.0
        if abs(angle) < FINE:
            return line
        return replace(line, pixels=_levelled(line.pixels, angle))


def slope(pixels: Pixels, max_angle: float) -> float:
    """The writing's slope in degrees, positive where it descends to the right; 0 where there is no ink."""
    ink = small_ink(pixels, SEARCH_HEIGHT)
    rows, columns = np.nonzero(ink)
    if not rows.size:
        return 0.0

    def levelness(angle: float) -> float:
        return _sharpness(rows - np.tan(np.radians(angle)) * columns)

    return best_angle(levelness, max_angle, COARSE, FINE)


def _sharpness(levels: NDArray[np.float64]) -> float:
    """The sum of squares of the ink in each row, each pixel shared by the two rows that it lies between."""
    levels = levels - levels.min()
    rows = levels.astype(np.intp)
    lower = levels - rows
    profile = np.bincount(rows, 1.0 - lower, rows.max() + 2) + np.bincount(rows + 1, lower, rows.max() + 2)
    return float(profile @ profile)


def _levelled(pixels: Pixels, angle: float) -> Pixels:
    """The image with each column moved up or down."""
    height, width = pixels.shape
    fall = float(np.tan(np.radians(angle)))
    room = int(np.ceil(abs(fall) * width))
    top = room if fall > 0 else 0
    paper = int(np.median(pixels[[0, -1]]))
    levelled = np.empty((height + room, width), np.uint8)
    for left in range(0, width, PART):
        part = pixels[:, left : left + PART]
        shear = np.array([[1.0, 0.0, 0.0], [-fall, 1.0, top - fall * left]])
        levelled[:, left : left + PART] = cv2.warpAffine(
            part, shear, (part.shape[1], height + room), flags=cv2.INTER_LINEAR, borderValue=paper
        )
    return levelled
