"""What a search finds, and where it stands on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from htrkit import Outline


@dataclass(frozen=True, slots=True)
class Found:
    """A word of a query where it may stand.

    Attributes
    ----------
    term
        As the query has it.
    line
        The id of the line.
    probability
        That the word stands on the line, as the network sees it.
    confidence
        The geometric mean of that per letter: comparable between short words and long ones.
    outline
        Of its box, clockwise from the upper left corner, on the page; empty if nothing says where it stands.
    """

    term: str
    line: str
    probability: float
    confidence: float
    outline: Outline


@dataclass(frozen=True, slots=True)
class Hit:
    """A line on which a query may be found, with its words.

    Attributes
    ----------
    line, page
        Their ids, as ``htrkit recognize`` calls them. Of several words, the line is that of the longest.
    source, number
        The file, and the page's number in it, from 1.
    text
        What was read on the line: the query may not be in it.
    probability, confidence
        As of `Found`, of all words together.
    outline
        Of the line on its page; empty if its image holds it alone.
    found
        The words of the query, in order.
    """

    line: str
    page: str
    source: Path
    number: int
    text: str
    probability: float
    confidence: float
    outline: Outline
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is kept: corners are those of its first and its last frame that stand on it."""

    name: str
    page: str
    source: str
    number: int
    text: str
    outline: Outline
    corners: Outline
    frames: tuple[int, int]

    @classmethod
    def of(cls, *columns: Any) -> Row:
        """A line from its row of the database, whose columns may hold anything."""
        name, page, source, number, text, outline, corners, frames = columns
        first, last = frames if isinstance(frames, list) and len(frames) == 2 else (0, 0)
        named = (str(name), str(page), str(source), int(number or 1), str(text or ""))
        return cls(*named, _points(outline), _points(corners), (int(first or 0), int(last or 0)))

    def box(self, start: int, stop: int, letters: int) -> Outline:
        """The box of some frames, and of half a letter beside them: the network marks letters by their middles."""
        first, last = self.frames
        if len(self.corners) != 4 or last <= first:
            return ()
        room = max(0.5, (stop - start) / letters / 2)
        left, right = (min(1.0, max(0.0, (at - first) / (last - first))) for at in (start - room, stop + room))
        upper_left, upper_right, lower_right, lower_left = self.corners
        return (
            _between(upper_left, upper_right, left),
            _between(upper_left, upper_right, right),
            _between(lower_left, lower_right, right),
            _between(lower_left, lower_right, left),
        )


def _between(one: tuple[float, float], other: tuple[float, float], share: float) -> tuple[float, float]:
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def _points(numbers: Any) -> Outline:
    """Points from a flat list; none if one is no number."""
    values = [float(value) if value is not None else math.nan for value in numbers or ()]
    return tuple(zip(values[::2], values[1::2], strict=False)) if all(map(math.isfinite, values)) else ()
