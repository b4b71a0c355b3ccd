"""Even out the paper's brightness and stretch the ink to black."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError
from htrkit.preprocess.ink import FAINTEST_INK, evened
from htrkit.types import Line


class Contrast:
    """Divide by the estimated paper, so that shadows and stains fade, then stretch ink to black and paper to white.

    Parameters
    ----------
    ink
        Percentile of the ink pixels (by Otsu's threshold) that becomes black.

    Raises
    ------
    UsageError
        If it is no percentile.
    """

    def __init__(self, *, ink: float = 30.0) -> None:
        if not 0.0 <= ink <= 100.0:
            raise UsageError(f"option 'ink' of preprocessor 'contrast' is {ink}; it takes 0 to 100")
        self.ink = ink

    def __call__(self, line: Line) -> Line:
        """The line with paper at 255 and ink near 0, same shape."""
        even = evened(line.pixels)
        threshold, _ = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        counts = cv2.calcHist([even], [0], None, [256], [0, 256])[:, 0]
        inked = np.arange(256) <= threshold
        black, white = _quantile(counts * inked, self.ink / 100.0), _quantile(counts * ~inked, 0.5)
        if white - black < FAINTEST_INK * 255.0:
            return replace(line, pixels=np.full_like(line.pixels, 255))
        stretched = (np.arange(256) - black) * (255.0 / (white - black))
        return replace(line, pixels=cv2.LUT(even, np.clip(stretched, 0, 255).astype(np.uint8)))


def _quantile(counts: NDArray[np.float32], share: float) -> int:
    """The level below which so large a share of what was counted lies; without any, 0."""
    below = np.cumsum(counts)
    return int(np.searchsorted(below, share * below[-1]))
