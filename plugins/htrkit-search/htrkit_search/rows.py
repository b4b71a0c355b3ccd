"""A line as a row of the index, and the boxes of what is found on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from htrkit import Outline
from htrkit.geometry import bounds, box
from htrkit.types import Encoded
from htrkit_search import posteriors
from htrkit_search.store import original, storable

Columns = tuple[Any, ...]
"""Of the table ``lines``, from ``number`` on."""
LONGEST = 100_000
"""Letters, points and names of a line at most, together."""


def row_of(number: int, encoded: Encoded, text: str, outline: Outline, id_: str) -> Columns:
    """The row of a line of which the network's outputs are there."""
    corners, frames = _corners(encoded, outline)
    flat = [x for point in outline for x in point]
    return (
        number,
        storable(encoded.id),
        storable(id_),
        text,
        flat,
        corners,
        frames,
        posteriors.packed(encoded.log_probs),
    )


def _corners(encoded: Encoded, outline: Outline) -> tuple[list[float] | None, list[int] | None]:
    """The corners of the frames that stand on a line, clockwise from the upper left, and the first and the last edge.

    Between these edges, frames are equally wide; those before and after stand on the paper beside the line. If nothing
    says where the edges are, the frames are taken to fill the outline.
    """
    if encoded.edges is None or len(encoded.edges) < 2:
        if not outline or not len(encoded.log_probs):
            return None, None
        return [x for corner in box(*bounds(outline)) for x in corner], [0, len(encoded.log_probs)]
    upper = encoded.edges[:, 0]
    moves = np.flatnonzero(np.abs(np.diff(upper, axis=0)).sum(axis=1) > 0)
    if not len(moves):
        return None, None
    first, last = int(moves[0]), int(moves[-1]) + 1
    corners = (upper[first], upper[last], encoded.edges[last, 1], encoded.edges[first, 1])
    return [float(x) for corner in corners for x in corner], [first, last]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is kept.

    Attributes
    ----------
    name, id
        What htrkit calls it, and what the page's file does.
    frames, corners
        The borders of some stretches of frames, and the corners of each stretch on the page.
    """

    name: str
    id: str
    page: str
    source: str
    number: int
    text: str
    outline: Outline
    frames: tuple[int, ...]
    corners: tuple[float, ...]

    @classmethod
    def of(cls, *columns: Any) -> Row:
        """A line from its row of the database, whose columns may hold anything."""
        name, id_, page, source, number, text, outline, corners, frames = columns
        points = _numbers(outline)
        known = points if all(map(math.isfinite, points)) else ()
        return cls(
            original(str(name)),
            original(str(id_ or "")),
            original(str(page)),
            str(source),
            int(number or 1),
            str(text or ""),
            tuple(zip(known[::2], known[1::2], strict=False)),
            tuple(int(frame or 0) for frame in frames or ()),
            _numbers(corners),
        )

    def box(self, start: int, stop: int, letters: int) -> Outline:
        """The box of some frames, and of half a letter beside them: the network marks letters by their middles."""
        room = max(0.5, (stop - start) / letters / 2)
        parts = [
            self._part(number, (start - room - first) / (last - first), (stop + room - first) / (last - first))
            for number, (first, last) in enumerate(pairwise(self.frames))
            if first < last and first < stop and start < last
        ]
        if not parts or not all(parts):
            return ()
        return parts[0][0], parts[-1][1], parts[-1][2], parts[0][3]

    def _part(self, number: int, left: float, right: float) -> Outline:
        """The corners of a share of a stretch; empty if nothing says where it stands."""
        found = self.corners[8 * number : 8 * number + 8]
        if len(found) < 8 or not all(map(math.isfinite, found)):
            return ()
        upper_left, upper_right, lower_right, lower_left = zip(found[::2], found[1::2], strict=True)
        left, right = (min(1.0, max(0.0, share)) for share in (left, right))
        return (
            _between(upper_left, upper_right, left),
            _between(upper_left, upper_right, right),
            _between(lower_left, lower_right, right),
            _between(lower_left, lower_right, left),
        )


def _between(one: Sequence[float], other: Sequence[float], share: float) -> tuple[float, float]:
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in values or ())
