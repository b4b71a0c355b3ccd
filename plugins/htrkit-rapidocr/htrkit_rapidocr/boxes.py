"""Boxes of writing: which of them stand in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

BASELINE = 0.25
"""The share of a box that lies below its base line."""
ALIKE = 0.5
"""Boxes of one line: the lower is at least this share of the other's height …"""
APART = 0.4
"""… and their middles lie on one height but for this share of it."""


@dataclass(frozen=True, slots=True)
class Box:
    """Four corners, which may lean.

    Attributes
    ----------
    upper, lower
        (2, 2): the left and the right corner of the upper, and of the lower edge.
    """

    upper: Points
    lower: Points

    @classmethod
    def of(cls, corners: Points) -> Box:
        """A box from its corners, (4, 2), clockwise from the upper left one."""
        return cls(corners[:2], corners[3:1:-1])

    @property
    def middle(self) -> Points:
        """(2,)."""
        return np.asarray((self.upper.mean(axis=0) + self.lower.mean(axis=0)) / 2)

    @property
    def height(self) -> float:
        """From the upper to the lower edge."""
        return float(np.linalg.norm(self.lower - self.upper, axis=1).mean())

    @property
    def baseline(self) -> Points:
        """(2, 2): where letters without descenders stand."""
        return np.asarray(self.lower + BASELINE * (self.upper - self.lower))

    @property
    def ends(self) -> Points:
        """(2, 2): the middle of its left, and of its right side."""
        return (self.upper + self.lower) / 2


def joined(boxes: Sequence[Box], gap: float) -> list[list[Box]]:
    """Boxes that continue one another, from left to right, as one line.

    Parameters
    ----------
    gap
        How far apart they may stand, in heights of the larger.
    """
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: float(box.ends[0, 0])):
        distances = [(_distance(line[-1], box, gap), number) for number, line in enumerate(lines)]
        nearest, number = min(distances, default=(np.inf, -1))
        if np.isfinite(nearest):
            lines[number].append(box)
        else:
            lines.append([box])
    return lines


def _distance(left: Box, right: Box, gap: float) -> float:
    """Between a box and the one that continues it; infinite if it does not."""
    larger, smaller = max(left.height, right.height), min(left.height, right.height)
    along = left.ends[1] - left.ends[0]
    length = float(np.linalg.norm(along))
    if not length or smaller < ALIKE * larger:
        return np.inf
    along = along / length
    step = right.ends[0] - left.ends[1]
    forward, aside = float(step @ along), float(abs(step @ np.array([-along[1], along[0]])))
    # far from each other, a box that leans by a little too much points past its neighbour
    if not -larger <= forward <= gap * larger or aside > APART * larger + 0.05 * max(forward, 0.0):
        return np.inf
    return abs(forward) + aside
