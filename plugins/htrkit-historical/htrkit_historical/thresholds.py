"""Two local thresholds of the family that Niblack and Sauvola began: for low contrast, and for very light ink."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit import Line, UsageError

Floats = NDArray[np.float64]


class Wolf:
    """Threshold by local mean and deviation, measured against the deviation and the darkest pixel of the whole line.

    Source: C. Wolf, J.-M. Jolion, "Extraction and recognition of artificial text in multimedia documents", Pattern
    Analysis and Applications 6 (2004).

    Parameters
    ----------
    window
        Side of the square around each pixel, as a share of the line's height.
    k
        How far the threshold falls below the mean where contrast is low, 0 to 1.
    grey
        Keep the grey values of the ink, and whiten only the paper.
    """

    def __init__(self, *, window: float = 0.75, k: float = 0.5, grey: bool = False) -> None:
        if not 0.0 <= k <= 1.0:
            raise UsageError(f"k is {k}, but it must lie between 0 and 1")
        self.window, self.k, self.grey = checked(window), k, grey

    def __call__(self, line: Line) -> Line:
        """The line with paper at 255, same shape; without any contrast, all paper."""
        mean, squares = local_means(line.pixels, self.window)
        deviation = np.sqrt(np.maximum(squares - mean * mean, 0.0))
        widest = max(float(deviation.max()), 1e-9)
        threshold = mean - self.k * (1.0 - deviation / widest) * (mean - float(line.pixels.min()))
        return whitened(line, threshold, self.grey)


class Nick:
    """Threshold at a fixed share below the local mean, so that blank paper stays blank.

    Source: K. Khurshid, I. Siddiqi, C. Faure, N. Vincent, "Comparison of Niblack inspired binarization methods for
    ancient documents", Document Recognition and Retrieval XVI, 2009.

    Parameters
    ----------
    window
        Side of the square around each pixel, as a share of the line's height.
    k
        How far the threshold falls below the mean; nearer to 0.1 more faint ink is kept, nearer to 0.2 less noise.
    grey
        Keep the grey values of the ink, and whiten only the paper.
    """

    def __init__(self, *, window: float = 0.75, k: float = 0.1, grey: bool = False) -> None:
        if not 0.0 <= k <= 1.0:
            raise UsageError(f"k is {k}, but it must lie between 0 and 1")
        self.window, self.k, self.grey = checked(window), k, grey

    def __call__(self, line: Line) -> Line:
        """The line with paper at 255, same shape."""
        mean, squares = local_means(line.pixels, self.window)
        count = side(line.pixels.shape[0], self.window) ** 2
        threshold = mean - self.k * np.sqrt(np.maximum(squares - mean * mean / count, 0.0))
        return whitened(line, threshold, self.grey)


def checked(window: float) -> float:
    """``window``, which must be a share of the height that can be seen."""
    if not 0.0 < window <= 10.0:
        raise UsageError(f"window is {window}, but it must lie above 0 and at most 10 line heights")
    return window


def side(height: int, window: float) -> int:
    """The window's side in pixels: odd, so that it has a middle, and at least 3."""
    return max(3, round(window * height)) | 1


def local_means(pixels: NDArray[np.uint8], window: float) -> tuple[Floats, Floats]:
    """Mean of the grey values and of their squares around each pixel, each (height, width)."""
    box = (side(pixels.shape[0], window),) * 2
    values = pixels.astype(np.float64)
    mean = cv2.blur(values, box, borderType=cv2.BORDER_REPLICATE)
    squares = cv2.blur(values * values, box, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(mean), np.asarray(squares)


def whitened(line: Line, threshold: Floats, grey: bool) -> Line:
    """The line with white at and above the threshold, and below it black or, with ``grey``, what was there."""
    ink = line.pixels < threshold
    return replace(line, pixels=np.where(ink, line.pixels if grey else np.uint8(0), np.uint8(255)))
