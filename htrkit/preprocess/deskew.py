"""A level base line: shear away the slope of a whole line of writing."""

from __future__ import annotations

import cv2
import numpy as np

from htrkit.errors import UsageError
from htrkit.pixels import holds_a_word
from htrkit.preprocess.angles import angles_up_to, sharpest
from htrkit.preprocess.ink import darkness
from htrkit.preprocess.shear import shear_columns
from htrkit.types import Line, Pixels

SEARCH_HEIGHT = 40
"""Rows in which the slope is looked for."""
STEP = 0.125
"""Degrees between the slopes that are compared."""
TOGETHER = 4
"""Columns that are looked at as one."""
STEEPEST = 15.0
LONGEST = 50.0
"""Times as wide as high: what is longer is no line of writing, and would need many times its memory."""


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
        # in a word, ascenders and descenders would decide
        has_base_line = not holds_a_word(height, width) and width <= LONGEST * height
        angle = slope(line.pixels, self.max_angle) if has_base_line else 0.0
        return shear_columns(line, -float(np.tan(np.radians(angle)))) if angle else line


def slope(pixels: Pixels, max_angle: float) -> float:
    """The writing's slope in degrees, positive where it descends to the right; 0 where there is no ink."""
    ink = darkness(pixels, SEARCH_HEIGHT).astype(np.float32)
    if not ink.any():
        return 0.0
    rows, columns = ink.shape
    # a slope is so gentle that some columns together tell as much
    ink = cv2.resize(ink, (max(1, columns // TOGETHER), rows), interpolation=cv2.INTER_AREA)
    angles = angles_up_to(max_angle, STEP)
    return float(angles[sharpest(ink.T, TOGETHER * np.tan(np.radians(angles)))])
