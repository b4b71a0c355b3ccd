"""The ground that steps stand on: a small copy, the paper's brightness, where the ink is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.types import Pixels

FAINTEST_INK = 0.08
"""An ink darker than the paper by less than this share is noise: there is none."""
PAPER_ROWS, CLOSED = 32, 11
"""Rows in which paper is estimated, and the side of a square wider than any stroke there and narrower than a shadow."""
SMOOTH_ROWS, DEVIATION = 16, 2.5
"""Rows in which it is then smoothed, and how much."""
LEVELS = np.arange(256)


def shrunk(pixels: Pixels, rows: int) -> Pixels:
    """A copy at most so many rows high, aspect kept; one row or column at the edge may be left out."""
    height, width = pixels.shape
    # halving is many times as fast as any other averaging, and leaves so little to do that two neighbours are enough
    while height >= 2 * rows and width >= 2:
        height, width = height // 2, width // 2
        halved = cv2.resize(pixels[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(halved, np.uint8)
    if height > rows:
        size = (max(1, round(width * rows / height)), rows)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return pixels


def evened(pixels: Pixels) -> Pixels:
    """The image divided by its paper, which becomes 255, (height, width): shadows and stains fade."""
    return np.asarray(cv2.divide(pixels, paper(pixels), scale=255.0), np.uint8)


def paper(pixels: Pixels) -> Pixels:
    """Brightness of the paper under the ink, 1 to 255: strokes closed away on a small copy, then smoothed."""
    height, width = pixels.shape
    square = np.ones((CLOSED, CLOSED), np.uint8)
    small = cv2.morphologyEx(shrunk(pixels, PAPER_ROWS), cv2.MORPH_CLOSE, square, borderType=cv2.BORDER_REPLICATE)
    small = cv2.GaussianBlur(shrunk(small, SMOOTH_ROWS), (0, 0), DEVIATION, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(np.maximum(small, 1), (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def dark(pixels: Pixels) -> Pixels:
    """1 where there is ink by Otsu's threshold, 0 elsewhere; nowhere where nothing stands out from the paper."""
    threshold, ink = cv2.threshold(pixels, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return np.asarray(ink, np.uint8) if _light(pixels, threshold) is not None else np.zeros_like(pixels)


def letter_rows(ink: Pixels) -> NDArray[np.intp]:
    """The rows of the letters without ascender or descender: those with at least half the densest's ink.

    Parameters
    ----------
    ink
        (height, width) how much ink there is in each pixel, on any scale.
    """
    density = cv2.blur(ink.sum(axis=1, dtype=np.float32)[:, None], (1, max(1, len(ink) // 16)))[:, 0]
    return np.flatnonzero(density >= 0.5 * density.max())


def darkness(pixels: Pixels, rows: int) -> Pixels:
    """How much darker than paper the ink of a small copy is, at most so many rows; 0 where there is no ink."""
    small = shrunk(pixels, rows)
    threshold, _ = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    light = _light(small, threshold)
    if light is None:
        return np.zeros_like(small)
    darker = np.zeros(256, np.uint8)
    darker[: int(threshold) + 1] = np.maximum(round(light) - LEVELS[: int(threshold) + 1], 0)
    return np.asarray(cv2.LUT(small, darker), np.uint8)


def _light(pixels: Pixels, threshold: float) -> float | None:
    """Mean brightness above a threshold; None if what lies below hardly stands out from it."""
    counts = cv2.calcHist([pixels], [0], None, [256], [0, 256])[:, 0].astype(np.float64)
    sums, first = counts * LEVELS, int(threshold) + 1
    light, ink = (sums[part].sum() / max(1.0, counts[part].sum()) for part in (slice(first, 256), slice(first)))
    return float(light) if light - ink >= FAINTEST_INK * 255.0 else None
