"""Grey of any depth as eight bits, and faint writing as black on white."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.types import Pixels

WHITE_16, HUGE = 65535.0, 1e30
LOOKED_AT = 1_000_000
"""Pixels of a large page, by which its levels are judged."""
EXTREME = 0.1
"""Percent of the pixels that may be darker or lighter than all that counts."""
FAINT = 0.1
"""A line whose levels differ by less than this share is faint, if it is writing at all."""
CALM, NOISY = 0.01, 0.1
"""How much neighbours differ, against all levels: less on bare paper, more in noise; of lines of writing 1 to 4 %."""
INK = 0.15
"""How far from an end of the levels the median may be: of 99 % of lines it is below 0.11, of bare paper above."""


def eight_bits(values: NDArray[Any]) -> Pixels:
    """Grey levels as uint8.

    Of 16 bits, files may use a few: 12 bits of a camera, or a narrow band between black and white. Of 32 bits, whole
    numbers or fractions, nobody says which is white: the lightest is. Levels of 8 bits stay as they are, but for faint
    writing.

    Parameters
    ----------
    values
        (height, width), 0 is black, or what is least if that is less; what is no number counts as 0.
    """
    if values.dtype == np.uint8 and np.ptp(values) >= FAINT * values.max():
        return np.asarray(values, np.uint8)
    some = _finite(values[:: max(1, values.size // LOOKED_AT)])
    low, median, high = np.percentile(some, (EXTREME, 50.0, 100.0 - EXTREME))
    span = high - low
    white = {1: 255.0, 2: WHITE_16}.get(values.dtype.itemsize, high)
    if span > 0.0:
        busy = np.abs(np.diff(some.clip(low, high), axis=1)).mean() / span if some.shape[1] > 1 else 0.0
        writing = CALM <= busy < NOISY and not INK <= (high - median) / span <= 1.0 - INK
        if low < 0.0 or (writing and span < FAINT * high):
            return _scaled(values, low, high)
        if high < white / 2 and busy < NOISY:
            white = high
    return _scaled(values, 0.0, white)


def _scaled(values: NDArray[Any], black: float, white: float) -> Pixels:
    """Levels from ``black`` to ``white`` as 0 to 255; some rows at a time, for the sake of memory."""
    pixels = np.zeros(values.shape, np.uint8)
    rows = max(1, LOOKED_AT // values.shape[1])
    for start in range(0, len(values) if white > black else 0, rows):
        levels = (_finite(values[start : start + rows]) - black) * (255.0 / (white - black))
        pixels[start : start + rows] = levels.round().clip(0, 255)
    return pixels


def _finite(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.nan_to_num(values.astype(np.float64), posinf=HUGE, neginf=-HUGE).clip(-HUGE, HUGE)
