"""Turn light ink on dark paper into dark ink on light paper."""

from __future__ import annotations

from dataclasses import replace

import cv2

from htrkit.preprocess.ink import shrunk
from htrkit.types import Line

HEIGHT, WINDOW = 32, 17
"""Rows of the copy that is looked at, and the window, about half as high, whose median is taken for the paper."""


class Invert:
    """Invert an image whose ink is lighter than its paper; leave every other image as it is.

    Ink is little and stands out: what differs most from its surroundings' median is ink, lighter or darker. A shadow
    or a stain differs from its surroundings only along its edge.
    """

    def __call__(self, line: Line) -> Line:
        """The line with dark ink on light paper, same shape."""
        small = shrunk(line.pixels, HEIGHT)
        darker = cv2.subtract(cv2.medianBlur(small, WINDOW), small, dtype=cv2.CV_32F)
        # cubed, so that strong ink outweighs the many faint differences of paper, whichever their sign
        return replace(line, pixels=cv2.bitwise_not(line.pixels)) if (darker * darker * darker).sum() < 0.0 else line
