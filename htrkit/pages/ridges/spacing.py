"""How far the lines of a page are apart, from its ink."""

from __future__ import annotations

import cv2
import numpy as np

from htrkit.pages.page_ink import letter_height
from htrkit.types import Pixels

STRIP = 60
"""Pixels: the width of strips so narrow that even slanted lines stay apart in them."""
NEAREST, FARTHEST = 9, 160
SLOW = 201
"""Rows: what changes more slowly than that are paragraphs, not lines."""
LEAST = 0.03
"""Strips that are no more alike after one spacing than after parts of it have no regular lines."""
IN_LETTERS = (1.2, 4.5, 5.5)
"""Of letters' heights: the narrowest and widest spacing that is worked with, and the widest that is looked for."""
IRREGULAR = 2.5
"""Letters' heights from line to line, where there are no regular lines."""


def line_spacing(ink: Pixels) -> float | None:
    """Pixels from line to line; None if there is nothing that could be lines.

    Where the ink of a strip is moved down by one spacing, it is like itself again: its autocorrelation has a peak, and
    none at a half or two thirds of it, as it would at a multiple of the spacing.
    """
    letters = letter_height(ink)
    if letters is None:
        return None
    found = _repeated(ink, IN_LETTERS[2] * letters) or IRREGULAR * letters
    return float(np.clip(found, IN_LETTERS[0] * letters, IN_LETTERS[1] * letters))


def _repeated(ink: Pixels, farthest: float) -> float | None:
    height, width = ink.shape
    spacings = np.arange(NEAREST, int(min(FARTHEST, height / 1.6, farthest)) + 1)
    if len(spacings) < 3:
        return None
    strips = cv2.resize(ink.astype(np.float32), (max(4, width // STRIP), height), interpolation=cv2.INTER_AREA).T
    strips = strips - cv2.boxFilter(strips, -1, (SLOW, 1), borderType=cv2.BORDER_REFLECT)
    alike = np.fft.irfft(np.abs(np.fft.rfft(strips, 2 * height, axis=1)) ** 2, axis=1).sum(axis=0)
    if alike[0] <= 0.0:
        return None
    whole, half, thirds = (
        np.interp(spacings * part, np.arange(len(alike)), alike / alike[0]) for part in (1.0, 1 / 2, 2 / 3)
    )
    peak = whole - np.maximum(half, thirds)
    peak = np.convolve(np.pad(peak, 2, "edge"), np.full(5, 0.2), "valid")
    peak *= (20.0 / spacings) ** 0.4  # of like peaks the nearest: farther ones are multiples
    return float(spacings[peak.argmax()]) if peak.max() > LEAST else None
