"""Cut away the paper around the ink."""

from __future__ import annotations

import cv2
import numpy as np

from htrkit.errors import UsageError
from htrkit.pixels import is_blank
from htrkit.types import Line


class Crop:
    """Keep the box around the ink, with a margin; specks away from the writing do not count as ink.

    Parameters
    ----------
    margin
        Paper left on each side, as a share of the ink's height.
    speck
        A connected spot is ignored if its area is below this share of the largest spot's.

    Raises
    ------
    UsageError
        If the margin is negative or without end, or the share is none.
    """

    def __init__(self, *, margin: float = 0.06, speck: float = 0.01) -> None:
        if not 0.0 <= margin < np.inf:
            raise UsageError(f"option 'margin' of preprocessor 'crop' is {margin}; it takes 0 and more")
        if not 0.0 <= speck <= 1.0:
            raise UsageError(f"option 'speck' of preprocessor 'crop' is {speck}; it takes 0 to 1")
        self.margin = margin
        self.speck = speck

    def __call__(self, line: Line) -> Line:
        """The line cut to its ink; the line as it is where there is no ink."""
        pixels = line.pixels
        if is_blank(pixels):
            return line
        _, ink = cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
        height, width = pixels.shape
        # 16 bits are enough for the spots of most images, and take half the time
        few = (height + 1) // 2 * ((width + 1) // 2) < 1 << 16
        count, _, stats, _ = cv2.connectedComponentsWithStats(ink, ltype=cv2.CV_16U if few else cv2.CV_32S)
        spots = stats[1:count]
        spots = spots[spots[:, cv2.CC_STAT_AREA] >= self.speck * spots[:, cv2.CC_STAT_AREA].max()]
        left, top = spots[:, cv2.CC_STAT_LEFT], spots[:, cv2.CC_STAT_TOP]
        right, bottom = left + spots[:, cv2.CC_STAT_WIDTH], top + spots[:, cv2.CC_STAT_HEIGHT]
        space = round(self.margin * int(bottom.max() - top.min())) + 1
        rows = slice(max(0, int(top.min()) - space), min(height, int(bottom.max()) + space))
        columns = slice(max(0, int(left.min()) - space), min(width, int(right.max()) + space))
        to_old = ((1.0, 0.0, float(columns.start)), (0.0, 1.0, float(rows.start)))
        return line.moved(np.ascontiguousarray(pixels[rows, columns]), to_old)
