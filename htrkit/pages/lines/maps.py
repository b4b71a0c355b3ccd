"""What a network says of a page: where base lines are, where lines begin and end, and how high they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.types import Pixels

Map = NDArray[np.float32]
LONG_SIDE = 1152
"""Pixels that a page's longer side has for the network."""
STRIDE = 4
"""Pixels of the network's input for a cell of the maps."""
MULTIPLE = 16
"""Height and width of the network's input are multiples of it."""
HEIGHT_UNIT, HEIGHT_RANGE = 16.0, 3.0
"""Heights are numbers from -3 to 3 within the network, the logarithms of pixels of its input in this unit."""
CHANNELS = ("baseline", "start", "end", "region", "above", "below")
"""Of the network's output."""


@dataclass(frozen=True, slots=True)
class LineMaps:
    """Maps of a page, (rows, columns) each; the middle of a cell is at its row and column + 1/2.

    Attributes
    ----------
    baseline, start, end, region
        How likely a base line, the beginning or the end of a line, or a block of writing is there, from 0 to 1.
    above, below
        Where a base line is: how far the writing reaches from it, in cells.
    scale
        Cells for a pixel of the page.
    """

    baseline: Map
    start: Map
    end: Map
    region: Map
    above: Map
    below: Map
    scale: float


def network_input(pixels: Pixels, long_side: int = LONG_SIDE) -> tuple[Map, float]:
    """A page as the network takes it, (1, height, width, 1), ink from 0 to 1; and how much smaller it is."""
    height, width = pixels.shape
    scale = long_side / max(height, width)
    size = max(MULTIPLE, round(width * scale)), max(MULTIPLE, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    padded = cv2.copyMakeBorder(small, 0, -size[1] % MULTIPLE, 0, -size[0] % MULTIPLE, cv2.BORDER_REPLICATE)
    return (1.0 - padded.astype(np.float32) / 255.0)[None, :, :, None], scale


def line_maps(output: NDArray[np.float32], scale: float) -> LineMaps:
    """The maps in a network's output, (1, rows, columns, 6), whose heights are in pixels of its input; what lies out
    of bounds is brought within them.
    """
    channels = dict(zip(CHANNELS, np.moveaxis(np.clip(output[0], 0.0, None), -1, 0), strict=True))
    lowest, highest = (HEIGHT_UNIT * math.exp(end) for end in (-HEIGHT_RANGE, HEIGHT_RANGE))
    for name, channel in channels.items():
        is_height = name in ("above", "below")
        channels[name] = np.clip(channel, lowest, highest) / STRIDE if is_height else np.minimum(channel, 1.0)
    return LineMaps(**channels, scale=scale / STRIDE)
