"""Turn light ink on dark paper into dark ink on light paper."""

from __future__ import annotations

from dataclasses import replace

import cv2

from htrkit.preprocess.ink import shrunk
from htrkit.types import Line

HEIGHT, REACH = 32, 8
"""Rows of the copy that is looked at, and how far around a pixel it is whose median is taken for the paper."""


class Invert:
    """Invert an image whose ink is lighter than its paper; leave every other image as it is.

    Ink is little and stands out: what differs most from its surroundings' median is ink, lighter or darker. A shadow
    or a stain differs from its surroundings only along its edge.
    """

    def __call__(self, line: Line) -> Line:
        """The line with dark ink on light paper, same shape."""
        small = shrunk(line.pixels, HEIGHT)
        # mirrored at the edges: continued there, a black frame would pass for the paper
        wide = cv2.copyMakeBorder(small, REACH, REACH, REACH, REACH, cv2.BORDER_REFLECT_101)
        median = cv2.medianBlur(wide, 2 * REACH + 1)[REACH:-REACH, REACH:-REACH]
        darker = cv2.subtract(median, small, dtype=cv2.CV_32F)
        # cubed, so that strong ink outweighs the many faint differences of paper, whichever their sign
        return replace(line, pixels=cv2.bitwise_not(line.pixels)) if (darker * darker * darker).sum() < 0.0 else line
