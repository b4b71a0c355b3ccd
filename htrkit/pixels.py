"""What the pixels of a line or page must be."""

from __future__ import annotations

import numpy as np

from htrkit.errors import ShapeError
from htrkit.types import Pixels


def check(pixels: object) -> Pixels:
    """``pixels``, or a clear refusal.

    Raises
    ------
    ShapeError
        If they are no (height, width) array of uint8 with at least one pixel.
    """
    if not isinstance(pixels, np.ndarray):
        raise ShapeError(f"pixels are of type {type(pixels).__name__}, but a NumPy array is wanted")
    if pixels.dtype != np.uint8:
        raise ShapeError(f"pixels are of type {pixels.dtype}, but uint8 is wanted: 0 for black to 255 for white")
    if pixels.ndim != 2 or not pixels.size:
        raise ShapeError(f"pixels have shape {pixels.shape}, but (height, width) of a grey image is wanted")
    return pixels
