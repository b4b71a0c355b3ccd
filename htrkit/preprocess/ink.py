"""Where the ink is, on a copy small enough to try dozens of angles on it in a moment."""

from __future__ import annotations

import cv2
import numpy as np

from htrkit.types import Pixels


def small_ink(pixels: Pixels, rows: int) -> Pixels:
    """1 where there is ink, 0 elsewhere, at most so many rows; nothing where all pixels are equal."""
    height, width = pixels.shape
    if height > rows:
        size = (max(1, round(width * rows / height)), rows)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.min() == pixels.max():
        return np.zeros_like(pixels)
    return np.asarray(cv2.threshold(pixels, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1], np.uint8)
