"""What the pixels of a line or page must be."""

from __future__ import annotations

import numpy as np

from htrkit.errors import ShapeError
from htrkit.types import Pixels

WIDEST = 100
"""Times as wide as high: the longest of 31,000 lines from archives has 55."""
SHORTEST_LINE = 5.0
"""Times as wide as high: what is shorter holds a word, or two, and seldom letters that reach up and others that reach
down."""
TALLEST = 4
"""Times as high as wide: of 34,000 handwritten words nothing but a lone I is taller."""


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


def check_line(pixels: object) -> Pixels:
    """``pixels``, or a clear refusal of what is no line of writing, before anything is made of it.

    Raises
    ------
    ShapeError
        As `check`; also if they are far too wide.
    """
    checked = check(pixels)
    height, width = checked.shape
    if width > WIDEST * height:
        raise ShapeError(f"pixels are {width // height:,} times as wide as high, no line of writing")
    return checked


def is_blank(pixels: Pixels) -> bool:
    """Whether there is no contrast at all, so that nothing can be written there."""
    return bool(pixels.min() == pixels.max())


def holds_a_word(height: float, width: float) -> bool:
    """Whether an image of that size is too short for a line of several words."""
    return width < SHORTEST_LINE * height


def looks_turned(pixels: Pixels) -> bool:
    """Whether a line of writing can hardly stand upright there."""
    height, width = pixels.shape
    return bool(height >= TALLEST * width)
