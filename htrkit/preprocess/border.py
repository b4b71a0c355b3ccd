"""Take away what runs along the edges: a form's frame, a scanner's black, the edge of a card."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.preprocess.ink import dark
from htrkit.types import Line, Pixels

DARK, SHARP = 0.6, 0.3
"""Shares of the paper's brightness: ink has less than the first, and a border ends with a step of the second."""
DEEP, NEAR, LONG = 1 / 3, 0.1, 0.5
"""Shares of the image's smaller side: a border ends within the first and begins within the second, from the edge; what
has no straight run of the third is a letter, which stays even where it touches a border."""
ALONG = 0.9
"""So much of an edge has a border along it, and nothing outside of that."""
LINE, WORD = 4.0, 1.5
"""An image this many times as wide as high has no letter that runs along it; and the narrowest that may hold a word."""
BROAD, THINNEST = 1.25, 3.0
"""What is so many times as thick as a stroke is none; of strokes a pixel wide, so many pixels."""


class Band(NamedTuple):
    """A dark line or band along an edge: where it begins and ends at each place along it, counted from the edge."""

    begins: NDArray[np.intp]
    ends: NDArray[np.intp]


class Border:
    """Paint paper over straight dark lines and bands that run along the edges from end to end.

    What is hardly thicker than a stroke might be one, and goes only where it cannot be: above or below an image at
    least four times as wide as high, beside it if there is one above and one below, or on all four sides of a word.
    """

    def __call__(self, line: Line) -> Line:
        """The line with paper in place of its border, same shape; as it is where there is none."""
        bands: dict[str, Band] = {}
        for side in ("top", "bottom", "left", "right"):
            if band := _band(_seen_from(side, line.pixels, bands)):
                bands[side] = band
        kept = _no_strokes(line.pixels, bands) if bands else set()
        if not kept:
            return line
        pixels = line.pixels.copy()
        # those beside the line first: above and below, the paper of their columns is then to be seen
        for side in sorted(kept, key=("left", "right", "top", "bottom").index):
            view, ends = _seen_from(side, pixels, bands), bands[side].ends
            outer = view[: ends.max()]
            outer[...] = np.where(np.arange(len(outer))[:, None] < ends, np.percentile(view, 75, axis=0), outer)
        return replace(line, pixels=pixels)


def _seen_from(side: str, pixels: Pixels, bands: dict[str, Band]) -> Pixels:
    """A view of the image with that side at the top; the left and the right lie between the bands above and below."""
    if side in ("top", "bottom"):
        return pixels if side == "top" else pixels[::-1]
    column = 0 if side == "left" else -1
    above, below = (int(bands[other].ends[column]) if other in bands else 0 for other in ("top", "bottom"))
    between = pixels[above : len(pixels) - below]
    return between.T if side == "left" else between[:, ::-1].T


def _band(view: Pixels) -> Band | None:
    """The band along the top, if there is one."""
    scale, across = min(view.shape), np.arange(view.shape[1])
    zone, tips = view[: int(DEEP * scale)], max(2, int(NEAR * scale))
    if len(zone) < 4:
        return None
    bright = view.max(axis=0).astype(np.float32)
    bright = np.maximum(bright, np.median(bright) / 2.0)  # a column that lies in a band has no paper
    if (zone.min(axis=0) < DARK * bright).mean() < ALONG:
        return None
    ink = np.ascontiguousarray(zone < DARK * bright)
    run = np.ones((1, int(LONG * scale)), np.uint8)
    straight = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, run).astype(bool)
    rows = np.arange(len(zone))[:, None]
    begins = straight.argmax(axis=0)
    after = ~straight & (rows > begins)
    ends = after.argmax(axis=0)
    clean = straight.any(axis=0) & after.any(axis=0) & ~(ink & (rows < begins)).any(axis=0)
    if clean.mean() < ALONG or not clean[:tips].any() or not clean[-tips:].any():
        return None
    begins, ends = (np.rint(np.interp(across, across[clean], rows[clean])).astype(np.intp) for rows in (begins, ends))
    step = view[np.minimum(ends + 2, len(view) - 1), across] - view[ends - 1, across].astype(np.float32)
    return Band(begins, ends) if begins.min() <= NEAR * scale and np.median(step / bright) >= SHARP else None


def _no_strokes(pixels: Pixels, bands: dict[str, Band]) -> set[str]:
    """The sides whose bands are surely no strokes of the writing, if there is writing at all."""
    height, width = pixels.shape
    sides = ("top", "bottom", "left", "right")
    top, bottom, left, right = (int(bands[side].ends.max()) + 1 if side in bands else 0 for side in sides)
    ink = dark(pixels[top : height - bottom, left : width - right])
    if not ink.any():
        return set()
    if len(bands) == 4 and width >= WORD * height:
        return set(bands)
    # a stroke is as long as what it rises and what it runs: it begins in so many rows, and in so many columns
    rise, run = (np.count_nonzero(np.diff(ink, axis=axis) == 1) for axis in (1, 0))
    least = max(THINNEST, BROAD * float(ink.sum()) / max(1.0, math.hypot(rise, run)))
    broad = {s for s, band in bands.items() if np.median(band.ends - band.begins) >= least and not band.begins.max()}
    level = set(bands) & {"top", "bottom"} if width >= LINE * height else set()
    return set(bands) if len(level) == 2 else broad | level
