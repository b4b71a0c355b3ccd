"""How a line becomes a network's input: one rule, shared by training and by every encoder."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.types import Pixels

Ink = NDArray[np.float32]
"""(height, width) float32: 0 for paper, 1 for the blackest ink, so that padding with zeros adds paper."""


@dataclass(frozen=True, slots=True)
class InputRule:
    """The size of image that a network wants.

    Attributes
    ----------
    height
        Pixels.
    width
        Pixels, or None for a network that takes any width.
    frames_per_pixel
        Output frames per input column.
    """

    height: int
    width: int | None
    frames_per_pixel: float

    def frames(self, width: int) -> int:
        """Output frames of an input that is ``width`` pixels wide."""
        return int(width * self.frames_per_pixel)

    def scale(self, height: float, width: float) -> float:
        """How much an image is to be scaled, aspect kept, so that it just fits."""
        scale = self.height / height
        return scale if self.width is None else min(scale, self.width / width)

    def fitted_size(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) of an image after scaling, aspect kept, into the network's input."""
        scale = self.scale(height, width)
        return (
            min(self.height, max(1, round(height * scale))),
            max(1, round(width * scale)) if self.width is None else min(self.width, max(1, round(width * scale))),
        )

    def fit(self, pixels: Pixels) -> Ink:
        """Scale a line's pixels into the network's input, centred; the rest is paper."""
        height, width = self.fitted_size(*pixels.shape)
        shrinks = height < pixels.shape[0]
        scaled = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        ink = np.zeros((self.height, self.width or width), np.float32)
        top, left = (ink.shape[0] - height) // 2, (ink.shape[1] - width) // 2
        ink[top : top + height, left : left + width] = (255 - scaled.astype(np.float32)) / 255.0
        return ink
