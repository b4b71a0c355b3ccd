"""Follows ridges along the writing, and joins those that go on after a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from htrkit.pages.chains import chains
from htrkit.pages.page_ink import Floats
from htrkit.types import Pixels

STEPS, JUMP = 2, 1.6
"""Pixels: a ridge may be lost for so many columns, and moves so far off its direction from one to the next."""
SHORTEST = 0.25
"""Spacings: the shortest piece of a ridge that is joined to others."""
WIDEST, OVERLAP = 2.0, 0.5
"""Spacings: the widest gap that is joined, and how far pieces may overlap."""
OFF, OFF_AFTER = 0.25, 0.08
"""How far off its direction a ridge may go on after a gap: in spacings, and in parts of the gap."""


@dataclass(slots=True)
class Ridge:
    """The middle of a line or of a piece of it: points from left to right, in pixels, and the slope at the end."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    slope: float = 0.0


def ridges(response: Floats, slope: Floats, least: float, spacing: float, walls: Pixels) -> list[Ridge]:
    """The ridges of a page, joined.

    Parameters
    ----------
    response, slope
        As `htrkit.pages.ridges.response.ridge_response` gives them.
    least
        The response of the faintest ridge.
    spacing
        Pixels from line to line.
    walls
        (height, width), not 0 where nothing is joined across.
    """
    pieces = [one for one in _followed(response, slope, least) if len(one.x) >= SHORTEST * spacing]
    return _joined(pieces, spacing, walls)


def _followed(response: Floats, slope: Floats, least: float) -> Iterator[Ridge]:
    """Pieces without gaps: in each column, the ridges of the columns before go on with the nearest maximum."""
    padded = np.pad(response, ((1, 1), (0, 0)), constant_values=-1.0)
    above, below = padded[:-2], padded[2:]
    maxima = (response > above) & (response >= below) & (response > least)
    bend = np.minimum(above + below - 2.0 * response, -1e-9)
    middles = np.arange(len(response))[:, None] + np.clip((above - below) / (2.0 * bend), -0.5, 0.5)
    open_: list[Ridge] = []
    for column in range(response.shape[1]):
        rows = np.flatnonzero(maxima[:, column])
        ys, slopes = middles[rows, column].tolist(), slope[rows, column].tolist()
        near = []
        for ridge in open_:
            step = column - ridge.x[-1]
            expected = ridge.y[-1] + ridge.slope * step
            near += [
                (abs(y - expected) + 0.3 * step, id(ridge), i, ridge)
                for i, y in enumerate(ys)
                if abs(y - expected) <= JUMP
            ]
        continued: set[int] = set()
        taken: set[int] = set()
        for _, key, i, ridge in sorted(near, key=lambda one: one[0]):
            if key not in continued and i not in taken:
                continued.add(key)
                taken.add(i)
                ridge.x.append(column)
                ridge.y.append(ys[i])
                ridge.slope = 0.8 * ridge.slope + 0.2 * slopes[i]
        open_ += [Ridge([column], [y], slopes[i]) for i, y in enumerate(ys) if i not in taken]
        yield from (ridge for ridge in open_ if column - ridge.x[-1] > STEPS)
        open_ = [ridge for ridge in open_ if column - ridge.x[-1] <= STEPS]
    yield from open_


def _joined(pieces: list[Ridge], spacing: float, walls: Pixels) -> list[Ridge]:
    begins = [_end(piece, spacing, slice(None, None)) for piece in pieces]
    ends = [_end(piece, spacing, slice(None, None, -1)) for piece in pieces]
    possible = []
    for i, (x, y, slope) in enumerate(ends):
        for j, (next_x, next_y, next_slope) in enumerate(begins):
            gap = next_x - x
            if next_x <= begins[i][0] or not -OVERLAP * spacing <= gap <= WIDEST * spacing:
                continue
            off = abs(next_y - y - gap * (slope + next_slope) / 2.0)
            free = off <= OFF * spacing + OFF_AFTER * max(gap, 0.0)
            if free and not _walled(walls, (x, y), (next_x, next_y)):
                possible.append((abs(gap) + 3.0 * off, i, j))
    joined = []
    for chain in chains(possible, len(pieces)):
        points = sorted((x, y) for i in chain for x, y in zip(pieces[i].x, pieces[i].y, strict=True))
        joined.append(Ridge([x for x, _ in points], [y for _, y in points]))
    return joined


def _end(piece: Ridge, spacing: float, way: slice) -> tuple[float, float, float]:
    """Where a piece begins, or, the other way, ends, and how steep it is there."""
    n = max(4, int(1.5 * spacing))
    x, y = np.array(piece.x[way][:n]), np.array(piece.y[way][:n])
    slope = np.polyfit(x, y, 1)[0] if len(x) >= spacing else 0.0
    return float(x[0]), float(y[:4].mean()), float(np.clip(slope, -0.4, 0.4))


def _walled(walls: Pixels, start: tuple[float, float], end: tuple[float, float]) -> bool:
    n = int(abs(end[0] - start[0])) + 1
    xs, ys = (np.linspace(a, b, n).astype(int) for a, b in zip(start, end, strict=True))
    return bool(walls[np.clip(ys, 0, len(walls) - 1), np.clip(xs, 0, walls.shape[1] - 1)].any())
