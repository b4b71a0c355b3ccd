"""From pieces of base lines to lines: cut where one line ends and the next begins, joined over gaps, specks dropped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from htrkit.pages.chains import chains
from htrkit.pages.lines.maps import LineMaps, Map
from htrkit.pages.lines.tracing import Numbers, Piece, joined, trace

# Pieces that are looked at: a full page of small writing has some hundreds, a picture of noise many thousands.
MOST = 2000
# Of those that may go on as a piece, so many are looked at, the likeliest ones.
NEXT = 32
# Lines that are nearer to each other than this share of their height are one.
DOUBLE = 0.3
# A ridge fades out where it is lower than this share of its usual height.
FADED = 0.4


@dataclass(frozen=True, slots=True)
class Rules:
    """When pieces are lines; lengths in heights of the writing.

    Attributes
    ----------
    threshold
        How sure of a base line the network must be.
    sure
        How sure it must be of a line: of its base line, its ends and a block of writing there, on average.
    mark
        How sure it must be of an end and of a beginning for a line to be cut there.
    gap
        The widest that pieces are joined over, where nothing marks an end.
    off
        How far the one may stand above or below where the other leads.
    shortest
        Of a line.
    """

    threshold: float = 0.1
    sure: float = 0.5
    mark: float = 0.4
    gap: float = 7.0
    off: float = 0.45
    shortest: float = 0.35


def find_lines(maps: LineMaps, rules: Rules | None = None) -> list[Piece]:
    """The lines of a page, in no particular order."""
    rules = rules or Rules()
    pieces = [part for piece in trace(maps, rules.threshold) for part in _cut(piece, maps, rules)]
    pieces = sorted(pieces, key=lambda piece: -piece.weight.sum())[:MOST]
    lines = [_trimmed(line) for line in _joined(pieces, maps, rules)]
    long = [line for line in lines if line.length >= rules.shortest * line.height]
    return _without_doubles([line for line in long if _certainty(line, maps) >= rules.sure])


def _trimmed(line: Piece) -> Piece:
    """A line without the fading ends of its ridge."""
    clear = np.flatnonzero(line.weight >= FADED * np.median(line.weight))
    return line.part(slice(int(clear[0]), int(clear[-1]) + 1))


def _certainty(line: Piece, maps: LineMaps) -> float:
    """How sure the network is of a line: of its base line, of a block of writing there, and of its ends, on average."""
    baseline = np.max([_at(line, maps.baseline, line.y + row) for row in (-1.0, 0.0, 1.0)], axis=0).mean()
    region = _at(line, maps.region, line.y - 0.5 * line.above).mean()
    ends = (_mark(line, maps.start, 0) + _mark(line, maps.end, -1)) / 2.0
    return float(baseline + region + ends) / 3.0


def _cut(piece: Piece, maps: LineMaps, rules: Rules) -> list[Piece]:
    """A piece, cut where an end is marked and a beginning right after it."""
    ends, starts = _along(piece, maps.end), _along(piece, maps.start)
    cuts = []
    for end in _peaks(ends, rules.mark):
        after = [s for s in _peaks(starts, rules.mark) if -2 <= piece.x[s] - piece.x[end] <= rules.gap * piece.height]
        if after:
            cuts.append((end, max(end + 1, after[0])))
    parts, begin = [], 0
    for end, start in cuts:
        if end >= begin:
            parts.append(piece.part(slice(begin, end + 1)))
            begin = start
    parts.append(piece.part(slice(begin, None)))
    return [part for part in parts if len(part.x) > 1]


def _joined(pieces: list[Piece], maps: LineMaps, rules: Rules) -> list[Piece]:
    """Pieces that go on as one another, the cheapest joints first."""
    if not pieces:
        return []
    left, right = np.array([p.x[0] for p in pieces]), np.array([p.x[-1] for p in pieces])
    starts = np.array([_mark(p, maps.start, 0) for p in pieces])
    ends = np.array([_mark(p, maps.end, -1) for p in pieces])
    heights = np.array([p.height for p in pieces])
    reach = rules.gap * np.maximum(heights[:, None], heights[None])
    gaps = left[None] - right[:, None]
    costs = gaps / reach + ends[:, None] + starts[None]
    joints = []
    for a, near in enumerate((gaps > -2.0) & (costs < 1.0)):
        after = np.flatnonzero(near)
        for b in after[np.argsort(costs[a, after], kind="stable")[:NEXT]]:
            if a != b and (cost := costs[a, b] + _off(pieces[a], pieces[b], rules)) < 1.0:
                joints.append((cost, a, int(b)))
    return [joined([pieces[i] for i in chain]) for chain in chains(joints, len(pieces))]


def _off(a: Piece, b: Piece, rules: Rules) -> float:
    """How far two pieces miss each other, as a share of what is allowed."""
    middle = (a.x[-1] + b.x[0]) / 2
    near = abs(a.row(middle) - b.row(middle))
    level = abs(a.y[-8:].mean() - b.y[:8].mean())
    return float(min(near, level) / (rules.off * max(a.height, b.height)))


def _without_doubles(lines: list[Piece]) -> list[Piece]:
    """Without lines that lie nearly on a longer one."""
    kept: list[Piece] = []
    boxes = np.empty((len(lines), 4))
    for line in sorted(lines, key=lambda line: -line.length * line.weight.mean()):
        left, right, top, bottom = boxes[: len(kept)].T
        near = (left <= line.x[-1]) & (right >= line.x[0]) & (top <= line.y.max()) & (bottom >= line.y.min())
        if not any(_lies_on(line, kept[i]) for i in np.flatnonzero(near)):
            reach = DOUBLE * line.height
            boxes[len(kept)] = line.x[0], line.x[-1], line.y.min() - reach, line.y.max() + reach
            kept.append(line)
    return kept


def _lies_on(line: Piece, other: Piece) -> bool:
    """Whether most of a line is nearer to another than their heights allow."""
    both = line.part((line.x >= other.x[0]) & (line.x <= other.x[-1]))
    if len(both.x) <= 0.5 * len(line.x):
        return False
    apart = np.abs(both.y - np.interp(both.x, other.x, other.y))
    return bool(np.median(apart) < DOUBLE * min(line.height, other.height))


def _mark(piece: Piece, marks: Map, end: int) -> float:
    """How sure a beginning (``end`` 0) or an end (-1) is marked at a piece's own."""
    x, y = int(piece.x[end]), piece.y[end]
    outwards = (-4, 3) if end == 0 else (-2, 5)
    rows = slice(max(0, int(y - 0.5 * piece.above[end])), int(y) + 2)
    window = marks[rows, max(0, x + outwards[0]) : x + outwards[1]]
    return float(window.max(initial=0.0))


def _along(piece: Piece, marks: Map) -> Map:
    """(n,) the marks that stand on a piece, between its base line and the middle of the letters."""
    found = [_at(piece, marks, piece.y - share * piece.above) for share in (0.0, 0.2, 0.4)]
    return np.asarray(np.mean(found, axis=0), np.float32)


def _at(piece: Piece, values: Map, rows: Numbers) -> Map:
    """(n,) a map's values in the columns of a piece."""
    height, width = values.shape
    columns = np.clip(np.floor(piece.x).astype(int), 0, width - 1)
    return np.asarray(values[np.clip(np.floor(rows).astype(int), 0, height - 1), columns], np.float32)


def _peaks(values: Map, threshold: float) -> list[int]:
    """Where ``values`` is highest within each run above the threshold."""
    above = np.flatnonzero(values > threshold)
    runs = np.split(above, np.flatnonzero(np.diff(above) > 1) + 1) if len(above) else []
    return [int(run[values[run].argmax()]) for run in runs]
