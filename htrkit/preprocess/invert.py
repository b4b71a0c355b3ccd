"""Turn light ink on dark paper into dark ink on light paper."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from htrkit.types import Line

# Height at which an image is looked at, and the window, about half of that, whose median is taken for the paper.
HEIGHT, WINDOW = 48, 25


class Invert:
    """Invert an image whose ink is lighter than its paper; leave every other image as it is.

    Ink is little and stands out: what differs most from its surroundings' median is ink, lighter or darker. A shadow
    or a stain differs from its surroundings only along its edge.
    """

    def __call__(self, line: Line) -> Line:
        """The line with dark ink on light paper, same shape."""
        pixels = line.pixels
        height, width = pixels.shape
        scale = min(1.0, HEIGHT / height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        darker = cv2.medianBlur(small, WINDOW).astype(np.float64) - small
        # cubed, so that strong ink outweighs the many faint differences of paper, whichever their sign
        return replace(line, pixels=cv2.bitwise_not(pixels)) if (darker**3).sum() < 0.0 else line
