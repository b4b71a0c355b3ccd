"""Black ink on white paper, by a threshold that follows the paper from place to place."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from htrkit.errors import UsageError
from htrkit.types import Line

DEVIATION_RANGE = 128.0
"""R of the paper: the largest standard deviation that 8-bit pixels can have."""
LEAST_WINDOW, LEAST_K = 3, 0.01


class Sauvola:
    """Binarise by Sauvola's threshold: m (1 + k (s / 128 - 1)), m and s the mean and deviation in a window around.

    For shadows, stains and uneven light. Source: J. Sauvola and M. Pietikainen, "Adaptive document image
    binarization", Pattern Recognition 33(2), 2000, pages 225-236.

    Parameters
    ----------
    window
        Side of the window in pixels, wider than any stroke; 0 for half the image's height, at least 15.
    k
        How far below the mean ink must lie where there is no contrast, 0.01 to 1: more drops faint ink and noise.

    Raises
    ------
    UsageError
        If an option is out of its range.
    """

    def __init__(self, *, window: int = 0, k: float = 0.3) -> None:
        if window != 0 and window < LEAST_WINDOW:
            raise UsageError(f"option 'window' of preprocessor 'sauvola' is {window}; it takes 0, or 3 and more")
        if not LEAST_K <= k <= 1.0:
            raise UsageError(f"option 'k' of preprocessor 'sauvola' is {k}; it takes 0.01 to 1")
        self.window = window
        self.k = k

    def __call__(self, line: Line) -> Line:
        """The line with ink at 0 and paper at 255, same shape; a line that is so already stays as it is."""
        height, width = line.pixels.shape
        side = self.window or max(15, height // 2)
        # odd, so that it has a middle; beyond twice the image every window holds the same
        side = min(side, 2 * max(height, width)) | 1
        mean = cv2.boxFilter(line.pixels, cv2.CV_32F, (side, side), borderType=cv2.BORDER_REPLICATE)
        squares = cv2.sqrBoxFilter(line.pixels, cv2.CV_32F, (side, side), borderType=cv2.BORDER_REPLICATE)
        variance = squares - mean * mean
        deviation = np.sqrt(np.maximum(variance, 0.0))
        threshold = mean * (1.0 + self.k * (deviation / DEVIATION_RANGE - 1.0))
        return replace(line, pixels=np.where(line.pixels <= threshold, 0, 255).astype(np.uint8))
