"""How high lines are: one height above and one below each base line, that do not reach into the neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from htrkit.pages.lines.tracing import Piece

# Shares of the distance to the neighbouring base line that the writing may reach, upwards and downwards.
UPWARDS, DOWNWARDS = 1.0, 0.5
# Lines that share so much of the shorter one's width stand above each other.
SHARED = 0.2
# Base lines that are nearer than this share of the height are no neighbours, but parts of the same writing.
NEAREST = 0.25
# Outlines reach so much farther than what the network sees, so that no stroke is lost; what is shorter than so many of
# its heights, such as a number, gets more room.
SHORT, ROOM, MORE_ROOM = 2.5, 1.15, 1.4


@dataclass(frozen=True, slots=True)
class Heights:
    """Of one line, in cells."""

    above: float
    below: float


def heights_of(lines: list[Piece]) -> list[Heights]:
    """The heights of each line, as the network sees them on average."""
    found = [_own_heights(line) for line in lines]
    left, right = np.array([p.x[0] for p in lines]), np.array([p.x[-1] for p in lines])
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    stacked = shared > SHARED * np.minimum((right - left)[:, None], right - left)
    low, high = np.array([p.y.min() for p in lines]), np.array([p.y.max() for p in lines])
    reach_up = low - [heights.above / UPWARDS for heights in found]
    reach_down = high + [heights.below / DOWNWARDS for heights in found]
    stacked &= (low <= reach_down[:, None]) & (high >= reach_up[:, None])
    limited = []
    for i, (line, heights) in enumerate(zip(lines, found, strict=True)):
        above, below = heights.above, heights.below
        for j in np.flatnonzero(stacked[i]):
            both = (line.x >= left[j]) & (line.x <= right[j])
            if j == i or not both.any():
                continue
            distance = float(np.median(np.interp(line.x[both], lines[j].x, lines[j].y) - line.y[both]))
            if abs(distance) < NEAREST * (above + below):
                continue
            if distance < 0:
                above = min(above, -UPWARDS * distance)
            else:
                below = min(below, DOWNWARDS * distance)
        limited.append(Heights(above, below))
    return limited


def _own_heights(line: Piece) -> Heights:
    above, below = (float(np.average(values, weights=line.weight)) for values in (line.above, line.below))
    room = MORE_ROOM if line.length < SHORT * (above + below) else ROOM
    return Heights(room * above, room * below)


def typical_height(lines: list[Piece]) -> float:
    """Of the lines of a page, in cells, each counted by its length; 0 if there are none."""
    if not lines:
        return 0.0
    heights = [float(np.average(p.above + p.below, weights=p.weight)) for p in lines]
    return float(np.average(heights, weights=[p.length for p in lines]))
