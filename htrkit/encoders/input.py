"""How a line becomes a network's input: one rule, shared by training and by every encoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.pixels import holds_a_word
from htrkit.types import Pixels

Ink = NDArray[np.float32]
"""(height, width) float32: 0 for paper, 1 for the blackest ink, so that padding with zeros adds paper."""

PAPER = 255
WIDTH_STEP = 32
"""Lines of any width are padded to a multiple of this many pixels, whatever else is in the batch: what is read on one
then never depends on its neighbours."""
LARGEST_MARGIN = 1.0
"""Share of the height."""


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
    align
        Where a line stands that is narrower than ``width``; ``fill`` for one that is made as wide, and as high.
    stretch
        How much wider a line is made than its aspect.
    margin
        Paper added on the left and on the right, as a share of the height: networks read the first and the last letter
        better when something precedes and follows.
    word_margin
        Paper added above and below an image of a single word, as a share of its height. A word seldom has letters that
        reach up and others that reach down: cut to its ink, it would come out larger than the words of a line.
    """

    height: int
    width: int | None
    frames_per_pixel: float
    align: Literal["centre", "left", "fill"] = "centre"
    stretch: float = 1.0
    margin: float = 0.0
    word_margin: float = 0.0

    def frames(self, width: int) -> int:
        """Output frames of an input that is ``width`` pixels wide."""
        return int(width * self.frames_per_pixel)

    def scale(self, height: float, width: float) -> float:
        """How much an image is to be scaled, but for ``stretch``, so that it just fits."""
        scale = self.height / height
        return scale if self.width is None else min(scale, self.width / (width * self.stretch))

    def margins(self, height: int, width: int) -> tuple[int, int]:
        """Rows of paper above and below an image, and columns on either side, before it is scaled."""
        above = round(self.word_margin * height) if holds_a_word(height, width) else 0
        return above, round(self.margin * (height + 2 * above))

    def fitted_size(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) of an image with its margins after scaling into the network's input."""
        if self.width and self.align == "fill":
            return self.height, self.width
        above, beside = self.margins(height, width)
        height, width = height + 2 * above, width + 2 * beside
        scale = self.scale(height, width)
        rows, columns = (max(1, round(size)) for size in (height * scale, width * scale * self.stretch))
        return min(self.height, rows), columns if self.width is None else min(self.width, columns)

    def input_width(self, height: int, width: int) -> int:
        """Columns of the network's input for an image, without any padding beyond ``width``."""
        return self.width or self.fitted_size(height, width)[1]

    def padded_width(self, height: int, width: int) -> int:
        """`input_width`, for a network of any width up to a multiple of `WIDTH_STEP`."""
        return self.width or whole_steps(self.input_width(height, width))

    def box(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of the network's input on which an image comes to stand, with its margins."""
        rows, columns = self.fitted_size(height, width)
        top = (self.height - rows) // 2
        left = ((self.width or columns) - columns) // 2 if self.align == "centre" else 0
        return slice(top, top + rows), slice(left, left + columns)

    def scaled(self, pixels: Pixels) -> Ink:
        """A line's pixels as ink, with its margins, in the size that they have in the network's input."""
        height, width = self.fitted_size(*pixels.shape)
        above, beside = self.margins(*pixels.shape)
        padded = cv2.copyMakeBorder(pixels, above, above, beside, beside, cv2.BORDER_CONSTANT, value=PAPER)
        shrinks = height < padded.shape[0]
        scaled = cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        return np.asarray((255 - scaled.astype(np.float32)) / 255.0, np.float32)

    def fit(self, pixels: Pixels) -> Ink:
        """A line's pixels in the network's input; the rest is paper."""
        ink = np.zeros((self.height, self.input_width(*pixels.shape)), np.float32)
        ink[self.box(*pixels.shape)] = self.scaled(pixels)
        return ink

    def frame_edges(self, height: int, width: int) -> NDArray[np.float64]:
        """(frames + 1,): where the frames of an image begin and the last one ends, x in its own pixels.

        Frames on the paper beside it stand at its edge, without any width.
        """
        _, columns = self.box(height, width)
        _, beside = self.margins(height, width)
        edges = np.arange(self.frames(self.input_width(height, width)) + 1) / self.frames_per_pixel - columns.start
        scale = (width + 2 * beside) / (columns.stop - columns.start)
        return np.asarray(np.clip(edges * scale - beside, 0.0, width), np.float64)


def whole_steps(width: float) -> int:
    """The multiple of `WIDTH_STEP` at or above a width."""
    return math.ceil(width / WIDTH_STEP) * WIDTH_STEP


def stack(inks: Sequence[Ink], width: int) -> NDArray[np.float32]:
    """(batch, height, width, 1): inputs of one height, padded with paper on the right."""
    batch = np.zeros((len(inks), inks[0].shape[0], width, 1), np.float32)
    for row, ink in zip(batch, inks, strict=True):
        row[:, : ink.shape[1], 0] = ink
    return batch
