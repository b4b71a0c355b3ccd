"""Which parts of a ridge hold writing, and where the letters on them stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from htrkit.pages.page_ink import Floats, PageInk
from htrkit.pages.ridges.follow import Ridge

Bools = NDArray[np.bool_]

BAND = 0.3
"""Spacings above and below a ridge in which its letters' bodies are."""
GAP, SHORTEST = 2.0, 0.5
"""Spacings: a line ends at a wider gap, and the shortest line."""
BLACK, RULED = 60, 0.8
"""Percentile of the darkness of all ink that stands for writing; and the share of a band's column that a rule fills."""
LEAST_DARK = 0.5
"""Of that darkness: what shows through from the other side is fainter, and so is ruling."""
FLAT, THIN = 0.62, 0.12
"""A line of which so much lies within so many spacings is a rule."""
LEAST_ROWS, LEAST_DENSE = 0.45, 0.08
"""Shares of the band's rows that have ink, and of all of it that is ink."""
STROKES, STROKES_EACH = 2, 1.3
"""Strokes across the row of the band with the most of them, and for each spacing."""
HIGH, LOW = (0.45, 0.95), (0.2, 0.45)
"""Spacings: the least and the most that a line reaches above and below its base line."""
SHARED, NEAREST = 0.2, 0.25
"""Lines above each other share so much of the shorter one's width; nearer than so many spacings, they are one."""
UPWARDS, DOWNWARDS = 0.8, 0.4
"""Shares of the distance to the next base line that a line may reach."""
EMPTY = 0.08
"""Rows with such a share of the ink of the fullest row are outside the line."""


@dataclass(frozen=True, slots=True)
class Written:
    """A line of writing on the small copy of a page.

    Attributes
    ----------
    x, base
        Points of the base line, a pixel apart.
    above, below
        How far it reaches from there.
    """

    x: NDArray[np.float64]
    base: NDArray[np.float64]
    above: float
    below: float


def written(ridge: Ridge, page: PageInk, spacing: float, blackness: float) -> Iterator[Written]:
    """The lines of writing along a ridge, from left to right.

    Parameters
    ----------
    ridge
        On the small copy of the page, in its pixels.
    spacing
        Pixels from line to line.
    blackness
        The usual darkness of ink on the page.
    """
    height, width = page.ink.shape
    x = np.arange(max(0, int(ridge.x[0])), min(width, int(ridge.x[-1]) + 1))
    if len(x) < 2:
        return
    y = np.interp(x, ridge.x, ridge.y)
    reach = np.arange(-int(1.3 * spacing), int(0.9 * spacing) + 1)
    rows = np.rint(y + reach[:, None]).astype(int)
    on_page = (rows >= 0) & (rows < height)
    at = np.clip(rows, 0, height - 1), np.broadcast_to(x, rows.shape)
    ink = (page.ink[at] > 0) & on_page
    body = np.abs(reach) <= BAND * spacing
    ruled = page.upright_rules[at][body].mean(axis=0) > RULED
    darkness = page.darkness[at]
    for piece in _pieces(ink[body].any(axis=0), ruled, GAP * spacing):
        if _is_writing(ink[body, piece], darkness[body, piece], spacing, blackness):
            base, above, below = _heights(ink[:, piece].mean(axis=1), reach, spacing)
            yield Written(x[piece] + 0.5, y[piece] + 0.5 + base, above, below)


def _pieces(inked: Bools, ruled: Bools, gap: float) -> Iterator[slice]:
    """Columns from one wide gap or upright rule to the next."""
    columns = np.flatnonzero(inked & ~ruled)
    if columns.size:
        rules = np.cumsum(ruled)[columns]
        breaks = np.flatnonzero((np.diff(columns) > gap) | (np.diff(rules) > 0)) + 1
        for part in np.split(columns, breaks):
            yield slice(int(part[0]), int(part[-1]) + 1)


def _is_writing(ink: Bools, darkness: Floats, spacing: float, blackness: float) -> bool:
    columns = ink.shape[1]
    if columns < max(2.0, SHORTEST * spacing) or ink.mean() < LEAST_DENSE or ink.any(axis=1).mean() < LEAST_ROWS:
        return False
    strokes = int((ink[:, 1:] & ~ink[:, :-1]).sum(axis=1).max())
    thin = np.ones(max(3, int(THIN * spacing)))
    flat = np.convolve(ink.sum(axis=1), thin, "valid").max() > FLAT * ink.sum()
    enough = strokes >= max(STROKES, STROKES_EACH * columns / spacing)
    return enough and not flat and bool(darkness[ink].mean() >= LEAST_DARK * blackness)


def _heights(profile: NDArray[np.float64], reach: NDArray[np.intp], spacing: float) -> tuple[float, float, float]:
    """How far below the ridge the base line is, and how far the line reaches above and below it.

    The base line is where the ink, of which ``profile`` gives the share of each row, ends most suddenly.
    """
    window = max(1, round(0.2 * spacing))
    total = np.concatenate([[0.0], np.cumsum(profile)])
    middle = int(-reach[0])
    candidates = middle + np.arange(0, int(0.45 * spacing) + 1)
    inside = total[candidates] - total[candidates - window]
    outside = total[np.minimum(candidates + window, len(profile))] - total[candidates]
    base = int(candidates[np.argmax(inside - outside)])
    empty = profile <= EMPTY * profile.max()
    up, down = ((int(low * spacing), int(high * spacing)) for low, high in (HIGH, LOW))
    above = next((n for n in range(up[0], up[1]) if empty[max(0, base - n)]), up[1])
    below = next((n for n in range(down[0], down[1]) if empty[min(base + n, len(profile) - 1)]), down[1])
    return base - middle, above + 1.0, below + 1.0


def apart(lines: Sequence[Written], spacing: float) -> list[Written]:
    """The lines, so high that they do not reach into the letters' bodies of those above and below them."""
    left, right = np.array([line.x[0] for line in lines]), np.array([line.x[-1] for line in lines])
    apart = []
    for i, line in enumerate(lines):
        above, below = line.above, line.below
        begins, ends = np.maximum(left, left[i]), np.minimum(right, right[i])
        for j in np.flatnonzero(ends - begins > SHARED * np.minimum(right - left, right[i] - left[i])).tolist():
            x = np.linspace(begins[j], ends[j], 9)
            distance = float(np.mean(np.interp(x, lines[j].x, lines[j].base) - np.interp(x, line.x, line.base)))
            if distance < -NEAREST * spacing:
                above = min(above, -UPWARDS * distance)
            elif distance > NEAREST * spacing:
                below = min(below, DOWNWARDS * distance)
        apart.append(replace(line, above=above, below=below))
    return apart
