"""Grey of images with transparent parts: ink of whatever level, on a ground on which it is seen."""

from __future__ import annotations

import numpy as np
from PIL import Image

from htrkit.pages.levels import eight_bits
from htrkit.types import Pixels

FAINTEST, LIGHT = 235, 127
"""Ink lighter than the first is not to be seen on white; ink that is not lighter than the second stands out."""
ONE_INK = 16
"""By how much the levels of one ink may differ, but for those that compression has spoilt."""
SPOILT = 1.0
"""Percent of the levels at either end."""


def on_ground(page: Image.Image) -> Pixels:
    """The grey of a page with transparent parts, (height, width).

    These show white paper, or black where several inks as light as paper are all there is. A single light ink on
    transparent ground becomes black on white: nothing but its opacity tells where it is.
    """
    page = page.convert("RGBA")
    ink, opaque = page.convert("L"), page.getchannel("A")
    mostly_ground = 0.0 < np.asarray(opaque).mean() < 128.0
    if mostly_ground and _is_one_light_ink(np.asarray(ink), np.asarray(opaque)):
        return eight_bits(255 - np.asarray(opaque))
    pixels = np.array(Image.composite(ink, Image.new("L", page.size, 255), opaque))
    if mostly_ground and pixels.min() > FAINTEST:
        return np.array(Image.composite(ink, Image.new("L", page.size, 0), opaque))
    return eight_bits(pixels)


def _is_one_light_ink(ink: Pixels, opaque: Pixels) -> bool:
    low, high = np.percentile(ink[opaque > opaque.max() // 2], (SPOILT, 100.0 - SPOILT))
    return bool(low > LIGHT and high - low <= ONE_INK)
