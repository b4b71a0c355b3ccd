"""Upright letters: shear away the slant of the hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError
from htrkit.preprocess.angles import best_angle
from htrkit.preprocess.ink import small_ink
from htrkit.types import Line, Pixels

SEARCH_HEIGHT = 48
"""Rows in which the slant is looked for: enough to see strokes, and few enough to try dozens of angles in a moment."""
COARSE, FINE = 3.0, 0.5
"""Steps in degrees between the angles tried, first everywhere, then around the best."""
STEEPEST = 70.0
TALLEST = 4
"""An image this many times as high as wide is no line of writing; shearing it would only blow it up."""


class Deslant:
    """Shear the image by the angle at which its ink gathers in the fewest columns: upright strokes do.

    The angle is the one with the largest sum of squared columns of ink. This is the search of the paper, which counts
    only columns whose ink is one unbroken stroke; counting all of them proved steadier: a line sheared by 14 degrees
    was found so to within 1 degree instead of 10 (medians of 40 hands of IAM).

    Source: A. Vinciarelli and J. Luettin, "A new normalization technique for cursive handwritten words", Pattern
    Recognition Letters 22(9), 2001, pages 1043-1050.

    Parameters
    ----------
    max_angle
        Largest slant looked for, in degrees from the vertical, to either side; at most 70.

    Raises
    ------
    UsageError
        If ``max_angle`` is out of its range.
    """

    def __init__(self, *, max_angle: float = 45.0) -> None:
        if not 0.0 <= max_angle <= STEEPEST:
            raise UsageError(f"option 'max_angle' of preprocessor 'deslant' is {max_angle}; it takes 0 to {STEEPEST:g}")
        self.max_angle = max_angle

    def __call__(self, line: Line) -> Line:
        """The line made upright, same height, wider by what the shear needs; as it is where there is no slant."""
        height, width = line.pixels.shape
        angle = slant(line.pixels, self.max_angle) if height <= TALLEST * width else 0.0
        if angle == 0.0:
            return line
        return replace(line, pixels=_sheared(line.pixels, angle, paper=int(np.median(line.pixels[[0, -1]]))))


def slant(pixels: Pixels, max_angle: float) -> float:
    """The writing's slant in degrees from the vertical, positive leaning to the right; 0 where there is no ink."""
    ink = small_ink(pixels, SEARCH_HEIGHT)
    rows, columns = np.nonzero(ink)
    if not rows.size:
        return 0.0

    def uprightness(angle: float) -> float:
        starts, _ = _row_starts(ink.shape[0], angle)
        ink_of_column = np.bincount(np.rint(starts).astype(np.intp)[rows] + columns)
        return float(ink_of_column @ ink_of_column)

    return best_angle(uprightness, max_angle, COARSE, FINE)


def _row_starts(height: int, angle: float) -> tuple[NDArray[np.float64], int]:
    """Where each row begins once what leans by ``angle`` degrees stands upright, and the columns that this adds."""
    reach = float(np.tan(np.radians(angle))) * (height - 1)
    starts = np.linspace(-reach, 0.0, height) + max(0.0, reach)
    return starts, int(np.ceil(abs(reach)))


def _sheared(pixels: Pixels, angle: float, paper: int) -> Pixels:
    """The image with each row moved, between pixels where need be; row by row, for OpenCV warps no 32,768 columns."""
    height, width = pixels.shape
    starts, room = _row_starts(height, angle)
    sheared = np.full((height, width + room + 1), paper, np.uint8)
    padded = np.full(width + 2, paper, np.float32)
    for row, start in enumerate(starts):
        first, part = int(start), start % 1.0
        padded[1:-1] = pixels[row]
        sheared[row, first : first + width + 1] = np.rint((1.0 - part) * padded[1:] + part * padded[:-1])
    return sheared[:, : width + room]
