"""Base lines as curves, followed from column to column along the ridges of their map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.pages.lines.maps import LineMaps, Map

Numbers = NDArray[np.float64]
# Columns without a ridge that a piece goes on over, and how far from its course the ridge may be then, in cells.
LONGEST_HOLE, OFF_COURSE, OFF_A_COLUMN = 4, 1.3, 0.25
# Standard deviations, in cells, of the blur that evens out the ridges along and across the lines.
ALONG, ACROSS = 1.5, 0.6
# How quickly the course follows the ridge.
BENDS = 0.12


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a base line, in cells.

    Attributes
    ----------
    x, y
        (n,) points, x rising.
    weight
        (n,) how sure the network is of each.
    above, below
        (n,) how far the writing reaches.
    """

    x: Numbers
    y: Numbers
    weight: Numbers
    above: Numbers
    below: Numbers

    @property
    def height(self) -> float:
        """Of the writing, typically."""
        return float(np.median(self.above) + np.median(self.below))

    @property
    def length(self) -> float:
        """From the first point to the last."""
        return float(self.x[-1] - self.x[0]) + 1.0

    def part(self, of: slice | NDArray[np.bool_]) -> Piece:
        """Some of its points."""
        return Piece(self.x[of], self.y[of], self.weight[of], self.above[of], self.below[of])

    def row(self, x: float, reach: int = 16) -> float:
        """Where its line goes through a column, beyond its ends as the last ``reach`` points lead."""
        if self.x[0] <= x <= self.x[-1]:
            return float(np.interp(x, self.x, self.y))
        end = slice(0, reach) if x < self.x[0] else slice(-reach, None)
        columns, rows = self.x[end], self.y[end]
        if len(columns) < 3:
            return float(rows.mean())
        slope, middle = np.polyfit(columns - columns.mean(), rows, 1)
        return float(middle + np.clip(slope, -0.5, 0.5) * (x - columns.mean()))


def joined(pieces: list[Piece]) -> Piece:
    """Pieces one after the other, as one."""
    return Piece(
        *(np.concatenate([getattr(p, name) for p in pieces]) for name in ("x", "y", "weight", "above", "below"))
    )


def trace(maps: LineMaps, threshold: float) -> list[Piece]:
    """The ridges of the base lines' map that are higher than ``threshold``, as pieces without wide holes."""
    columns, rows, weights = _ridge_points(maps.baseline, threshold)
    found = _followed(columns, rows)
    pieces = []
    for members in found:
        if len(members) > 1:
            i = np.array(members)
            cell = np.clip(np.floor(rows[i]).astype(int), 0, maps.baseline.shape[0] - 1), columns[i]
            heights = maps.above[cell].astype(np.float64), maps.below[cell].astype(np.float64)
            pieces.append(Piece(columns[i] + 0.5, rows[i], weights[i], *heights))
    return pieces


def _ridge_points(baseline: Map, threshold: float) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """Columns in order, rows with fractions, and values of the cells that are higher than those above and below."""
    smooth = cv2.GaussianBlur(baseline, (0, 0), ALONG, sigmaY=ACROSS, borderType=cv2.BORDER_REPLICATE)
    padded = np.pad(smooth, ((1, 1), (0, 0)), constant_values=-1.0)
    up, here, down = padded[:-2], padded[1:-1], padded[2:]
    columns, rows = np.nonzero(((here > threshold) & (here > up) & (here >= down)).T)
    a, b, c = (part[rows, columns].astype(np.float64) for part in (up, here, down))
    bend = np.maximum(2 * b - a - c, 1e-9)
    return columns, rows + 0.5 + np.clip(0.5 * (c - a) / bend, -0.5, 0.5), b


def _followed(columns: NDArray[np.int64], rows: Numbers) -> list[list[int]]:
    """The points of each ridge: in each column, point and course that are nearest to one another belong together."""
    done: list[list[int]] = []
    members: list[list[int]] = []
    last, at, slope = np.zeros(0, int), np.zeros(0), np.zeros(0)
    edges = [0, *(np.flatnonzero(np.diff(columns) > 0) + 1), len(columns)] if len(columns) else []
    for start, stop in pairwise(edges):
        column, points = columns[start], rows[start:stop]
        going = column - last <= LONGEST_HOLE
        done += [piece for piece, goes in zip(members, going, strict=True) if not goes]
        members = [piece for piece, goes in zip(members, going, strict=True) if goes]
        last, at, slope = last[going], at[going], slope[going]
        taken = np.zeros(len(points), bool)
        if len(members):
            holes = column - last
            off = np.abs(at + slope * holes - points[:, None])
            nearest, best = off.argmin(axis=1), off.argmin(axis=0)
            near = off[best, np.arange(len(members))] <= OFF_COURSE + OFF_A_COLUMN * (holes - 1)
            for piece in np.flatnonzero(near & (nearest[best] == np.arange(len(members)))):
                point = best[piece]
                members[piece].append(start + int(point))
                step = (points[point] - at[piece]) / holes[piece]
                slope[piece] = np.clip((1 - BENDS) * slope[piece] + BENDS * step, -0.6, 0.6)
                at[piece] += slope[piece] * holes[piece]
                at[piece] += 0.5 * (points[point] - at[piece])
                last[piece] = column
                taken[point] = True
        new = np.flatnonzero(~taken)
        members += [[start + int(point)] for point in new]
        last = np.r_[last, np.full(len(new), column)]
        at, slope = np.r_[at, points[new]], np.r_[slope, np.zeros(len(new))]
    return done + members
