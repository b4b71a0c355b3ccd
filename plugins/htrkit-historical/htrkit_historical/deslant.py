"""Make slanted letters upright: of all shears, the one whose column profile is sharpest.

Source: M. Pastor, A. Toselli, E. Vidal, "Projection Profile Based Algorithm for Slant Removal", ICIAR 2004.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit import Line, UsageError

# Beyond this a shear tears letters apart, and its tangent grows without bounds.
STEEPEST = 75.0


class DeslantProjection:
    """Shear the line so that upright strokes fall into few columns.

    Parameters
    ----------
    max_angle
        Largest slant looked for, to either side, in degrees from upright.
    step
        Degrees between two slants that are tried.
    """

    def __init__(self, *, max_angle: float = 45.0, step: float = 1.0) -> None:
        if not 0.0 <= max_angle <= STEEPEST:
            raise UsageError(f"max_angle is {max_angle}, but it must lie between 0 and {STEEPEST:g}")
        if not 0.1 <= step <= 90.0:
            raise UsageError(f"step is {step}, but it must lie between 0.1 and 90")
        self.max_angle, self.step = max_angle, step

    def __call__(self, line: Line) -> Line:
        """The line with upright letters: same height, wider by what the shear needs; as it is where there is no ink."""
        angle = slant(line.pixels, self.angles())
        if angle == 0.0:
            return line
        return replace(line, pixels=sheared(line.pixels, math.tan(math.radians(angle))))

    def angles(self) -> list[float]:
        """The slants that are tried, in degrees, the smaller first, so that among equals the smallest wins."""
        steps = [self.step * index for index in range(1, int(self.max_angle / self.step) + 1)]
        return [0.0, *(sign * step for step in steps for sign in (1, -1))]


def slant(pixels: NDArray[np.uint8], angles: list[float]) -> float:
    """The slant of the writing in degrees, positive to the right, as one of ``angles``."""
    _, ink = cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    y, x = np.nonzero(ink)
    if not x.size or x.size == ink.size:
        return 0.0

    def sharpness(angle: float) -> int:
        columns = np.rint(x + y * math.tan(math.radians(angle))).astype(np.int64)
        counts = np.bincount(columns - columns.min())
        # The ink's amount is the same for every shear, so this ranks as the profile's variance does.
        return int((counts * counts).sum())

    return max(angles, key=sharpness)


def sheared(pixels: NDArray[np.uint8], shift: float) -> NDArray[np.uint8]:
    """Rows moved right by ``shift`` pixels a row from the top, on a canvas wide enough for all of them."""
    height, width = pixels.shape
    offset = max(0.0, -shift * (height - 1))
    matrix = np.array([[1.0, shift, offset], [0.0, 1.0, 0.0]])
    size = (width + math.ceil(abs(shift) * (height - 1)), height)
    moved = cv2.warpAffine(
        pixels,
        matrix,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=float(np.median(pixels)),
    )
    return np.asarray(moved, dtype=np.uint8)
