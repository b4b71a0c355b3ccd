"""The angle by which a shear brings the ink together, read off the image's autocorrelation."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.types import Pixels

LONGEST = 8_192
"""Rows and columns that are looked at: on a small copy no line of writing has more, and memory grows with them."""
ALIKE = 1e-6
"""Sums that differ by less than this share do so by rounding."""


def angles_up_to(largest: float, step: float) -> NDArray[np.float64]:
    """Degrees from ``-largest`` to ``largest``, ``step`` apart, with 0 among them and first, the steepest last."""
    steps = step * np.arange(1, int(largest / step) + 1)
    return np.concatenate([[0.0], np.stack([steps, -steps], axis=1).ravel()])


def sharpest(ink: Pixels | NDArray[np.float32], leans: NDArray[np.float64]) -> int:
    """Which of several shears has the largest sum of squared columns of ink; of equals the first.

    Sheared by t columns a row, the square of a column's ink is a sum of products of two of its pixels, and over all
    columns, those of pixels d rows apart sum to the image's autocorrelation at d rows and t d columns. Two Fourier
    transforms give that for every t at once.

    Parameters
    ----------
    ink
        (height, width): how much ink there is.
    leans
        By how many columns the ink of one row is supposed to lie right of that of the row above.
    """
    ink = ink[:LONGEST, :LONGEST]
    height, width = ink.shape
    reach = int(np.ceil(np.abs(leans).max() * height)) + 1
    size = [cv2.getOptimalDFTSize(2 * height), cv2.getOptimalDFTSize(width + reach)]
    spectrum = np.zeros(size, np.float32)
    spectrum[:height, :width] = ink
    spectrum = cv2.dft(spectrum, nonzeroRows=height)
    power = cv2.mulSpectrums(spectrum, spectrum, 0, conjB=True)
    alike = cv2.dft(power, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT, nonzeroRows=height)
    rows = np.tile(np.arange(height, dtype=np.float32), (len(leans), 1))
    columns = leans[:, None].astype(np.float32) * rows
    sums = cv2.remap(alike, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).sum(axis=1)
    sums = 2.0 * sums - alike[0, 0]  # each two rows come in two orders, a row with itself once
    return int(np.argmax(sums >= (1.0 - ALIKE) * sums.max()))
