"""Even out the paper's brightness and stretch the ink to black."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from htrkit.errors import UsageError
from htrkit.types import Line, Pixels

# An ink darker than the paper by less than this share is noise: stretching it would fill blank paper with speckle.
FAINTEST_INK = 0.08


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
        ratio = line.pixels / np.maximum(paper(line.pixels), 1.0)
        scaled = np.clip(ratio * 255.0, 0, 255).astype(np.uint8)
        threshold, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        dark = scaled <= threshold
        light = float(np.median(scaled[~dark])) if not dark.all() else 255.0
        black = float(np.percentile(scaled[dark], self.ink)) if dark.any() else 0.0
        if light - black < FAINTEST_INK * 255.0:
            return replace(line, pixels=np.full_like(line.pixels, 255))
        stretched = (scaled - black) * (255.0 / (light - black))
        return replace(line, pixels=np.clip(stretched, 0, 255).astype(np.uint8))


def paper(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Brightness of the paper under the ink, (height, width): strokes closed away on a small copy, then smoothed."""
    height, width = pixels.shape
    scale = min(1.0, 32.0 / height)
    small = cv2.resize(
        pixels, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    # wider than any stroke at 32 pixels of height, narrower than a shadow
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8), borderType=cv2.BORDER_REPLICATE)
    small = cv2.GaussianBlur(small, (0, 0), 5, borderType=cv2.BORDER_REPLICATE)
    full = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32)
