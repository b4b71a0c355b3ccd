"""Turn light ink on dark paper into dark ink on light paper."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from htrkit.types import Line


class Invert:
    """Invert an image whose paper is darker than its ink; leave every other image as it is.

    Paper covers more area than ink, and lies around it: the class (by Otsu's threshold) that holds most of
    the border and most of the area is taken for paper.
    """

    def __call__(self, line: Line) -> Line:
        """The line with dark ink on light paper, same shape."""
        pixels = line.pixels
        threshold, _ = cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        dark = pixels <= threshold
        border = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
        # the border decides only together with the area: a tightly cut word touches its border with ink
        if dark.mean() + border.mean() <= 1.0 or dark.all():
            return line
        return replace(line, pixels=cv2.bitwise_not(pixels))
