"""Where a page has ink that may be writing: no specks, rules, dark borders or blots."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.preprocess.ink import shrunk
from htrkit.types import Pixels

Floats = NDArray[np.float32]

LONGEST = 1400
"""Pixels of the page's longer side at which it is looked at: a letter's body still has six on a full page."""
CLOSED, DEVIATION = 11, 5.0
"""The square that closes strokes away, and how much paper is smoothed, at a quarter of that size."""
BLACK = 60
"""Paper darker than that is none: what lies around the page."""
FAINTEST, OF_NEIGHBOURS = 0.08, 0.45
"""Ink is darker than paper by such a share of it, and has such a share of the darkness of the ink around it."""
BROADEST = 11
"""No stroke fills a square of so many pixels."""
RULE = 18
"""A straight run of this fraction of the page's side is a rule."""
SPECK = 6
"""Fewer pixels together are a speck."""

MOST, PIECES, GRAIN = 0.3, 1000, 20
"""Of the page's area; and so many pieces with fewer pixels each on average. Pages of archives have at most 0.2, and at
least 30 pixels."""


@dataclass(frozen=True, slots=True)
class PageInk:
    """A small copy of a page, (height, width) each.

    Attributes
    ----------
    ink
        uint8, 1 where there is ink that may be writing.
    darkness
        How much darker than its paper each pixel is, 0 to 1.
    upright_rules
        uint8, 1 on rules that run down the page: what separates columns.
    """

    ink: Pixels
    darkness: Floats
    upright_rules: Pixels


def page_ink(pixels: Pixels) -> PageInk:
    """The ink of a page."""
    height, width = pixels.shape
    small = shrunk(pixels, max(1, round(height * min(1.0, LONGEST / max(height, width)))))
    darkness = _darkness(small)
    dark = (darkness > np.maximum(FAINTEST, OF_NEIGHBOURS * _around(darkness))).astype(np.uint8)
    height, width = dark.shape
    level = _opened(dark, 1, max(8, width // RULE))
    upright = _opened(dark, max(8, height // RULE), 1)
    blots = cv2.dilate(_opened(dark, BROADEST, BROADEST), np.ones((5, 5), np.uint8))
    rules = cv2.dilate(level, np.ones((3, 1), np.uint8)) | cv2.dilate(upright, np.ones((1, 3), np.uint8))
    ink = _without_specks(dark & ~(blots | rules))
    return PageInk(ink, darkness, np.asarray(cv2.dilate(upright, np.ones((9, 1), np.uint8)), np.uint8))


def is_grain(ink: Pixels) -> bool:
    """Whether there is too much of it, or in too many and too small pieces, for writing."""
    pieces = cv2.connectedComponents(ink)[0] - 1
    total = int(ink.sum())
    return total > MOST * ink.size or (pieces > PIECES and total < GRAIN * pieces)


def letter_height(ink: Pixels) -> float | None:
    """The usual height of what hangs together, in pixels: of letters and joined words; None if there is too little."""
    _, _, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights = boxes[1:, cv2.CC_STAT_HEIGHT]
    heights = heights[(heights >= 5) & (heights < LONGEST // 12)]
    return float(np.median(heights[heights >= 0.6 * np.median(heights)])) if len(heights) >= 3 else None


def _darkness(small: Pixels) -> Floats:
    height, width = small.shape
    quarter = cv2.resize(small, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    square = np.ones((CLOSED, CLOSED), np.uint8)
    quarter = cv2.morphologyEx(quarter, cv2.MORPH_CLOSE, square, borderType=cv2.BORDER_REPLICATE)
    quarter = cv2.GaussianBlur(quarter, (0, 0), DEVIATION, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.resize(quarter, (width, height)).astype(np.float32)
    darkness = np.clip(1.0 - small / np.maximum(paper, 1.0), 0.0, 1.0)
    darkness[paper < BLACK] = 0.0
    return np.asarray(darkness, np.float32)


def _around(darkness: Floats) -> Floats:
    """The darkness of the ink around each pixel."""
    height, width = darkness.shape
    spread = cv2.dilate(darkness, np.ones((5, 5), np.uint8))
    small = cv2.resize(spread, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 6.0, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _opened(ink: Pixels, rows: int, columns: int) -> Pixels:
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((rows, columns), np.uint8)), np.uint8)


def _without_specks(ink: Pixels) -> Pixels:
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = boxes[:, cv2.CC_STAT_AREA] >= SPECK
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)
