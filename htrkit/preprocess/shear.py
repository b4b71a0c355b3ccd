"""Shear an image by rows or by columns, between pixels where need be, with the way back to where its points were."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from htrkit.types import Line, Pixels

PARTS = 256
"""Of a pixel, by which rows are moved."""


def shear_rows(line: Line, slope: float) -> Line:
    """Each row moved right by ``slope`` pixels more than the row above, on a canvas as much wider as that needs."""
    pixels, start = moved_rows(line.pixels, slope, _paper(line.pixels))
    # a row's points lie between y = row and row + 1, and move as its middle does
    return line.moved(pixels, ((1.0, -slope, slope / 2.0 - start), (0.0, 1.0, 0.0)))


def shear_columns(line: Line, slope: float) -> Line:
    """Each column moved down by ``slope`` pixels more than the column before, on a canvas as much higher."""
    pixels, start = moved_rows(line.pixels.T, slope, _paper(line.pixels))
    return line.moved(np.ascontiguousarray(pixels.T), ((1.0, 0.0, 0.0), (-slope, 1.0, slope / 2.0 - start)))


def moved_rows(pixels: Pixels, slope: float, paper: int) -> tuple[Pixels, int]:
    """The rows moved so, on paper, and where the first one starts; not by OpenCV, which warps no 32,768 columns."""
    height, width = pixels.shape
    room = int(np.ceil(abs(slope) * (height - 1)))
    first = room if slope < 0.0 else 0
    starts = first + slope * np.arange(height)
    whole = np.floor(starts).astype(np.intp)
    part = np.rint((starts - whole) * PARTS).astype(np.uint16)[:, None]
    padded = np.pad(pixels, ((0, 0), (1, 1)), constant_values=paper)
    mixed = padded[:, 1:] * (PARTS - part)
    mixed += padded[:, :-1] * part
    mixed += PARTS // 2
    mixed //= PARTS
    moved = np.full((height, width + room), paper, np.uint8, order="F" if mixed.flags.f_contiguous else "C")
    # rows that start in the same column are moved together: of a gentle slope, or of columns, they are many
    edges = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), height]
    for top, bottom in pairwise(edges):
        start = int(whole[top])
        place = moved[top:bottom, start : start + width + 1]
        place[...] = mixed[top:bottom, : place.shape[1]]
    return moved, first


def _paper(pixels: Pixels) -> int:
    """What most of the top and bottom rows are."""
    return int(np.median(pixels[[0, -1]]))
