"""What the browser and the server say of a page: its regions and lines, checked where they come from outside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from htrkit import InputError, Outline, Region

State = Literal["empty", "read", "corrected"]
"""Of a line: without text, read by a network, or said to be right by a person, whose word stands."""
MAX_LINES, MAX_REGIONS, MAX_POINTS, MAX_CHARACTERS = 20_000, 2_000, 4_000, 20_000
FARTHEST = 1e7


@dataclass(frozen=True, slots=True)
class SheetWord:
    """A word of a line: characters ``start`` to ``end`` of its text."""

    text: str
    start: int
    end: int
    polygon: Outline = ()
    confidence: float | None = None
    alternatives: tuple[tuple[str, float | None], ...] = ()

    def json(self) -> dict[str, Any]:
        """As the browser gets it."""
        alternatives = [{"text": text, "confidence": confidence} for text, confidence in self.alternatives]
        return _fields(self) | {"alternatives": alternatives}


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line.

    Attributes
    ----------
    id
        Of the line in its page's file; empty for one that has none yet.
    region
        The id of its region; empty if it belongs to none.
    """

    id: str
    region: str
    polygon: Outline
    baseline: Outline
    text: str = ""
    state: State = "empty"
    confidence: float | None = None
    words: tuple[SheetWord, ...] = ()

    def json(self) -> dict[str, Any]:
        """As the browser gets it."""
        return _fields(self) | {"words": [word.json() for word in self.words]}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a page, its lines in reading order; ``finished`` says that a person has nothing left to do."""

    regions: tuple[Region, ...] = ()
    lines: tuple[SheetLine, ...] = ()
    finished: bool = False

    def json(self) -> dict[str, Any]:
        """As the browser gets it."""
        regions = [{"id": one.id, "kind": one.kind, "polygon": one.polygon} for one in self.regions]
        return {"finished": self.finished, "regions": regions, "lines": [line.json() for line in self.lines]}

    def count(self, state: State) -> int:
        """How many lines are in a state."""
        return sum(line.state == state for line in self.lines)


def _fields(one: SheetWord | SheetLine) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def sheet_of(value: object) -> Sheet:
    """The sheet that a browser sends.

    Raises
    ------
    InputError
        If it is none, or larger than any page.
    """
    given = _mapping(value, "the page")
    regions = [_region(one) for one in _items(given.get("regions", []), "regions", MAX_REGIONS)]
    lines = [_line(one) for one in _items(given.get("lines", []), "lines", MAX_LINES)]
    for ids, what in (([one.id for one in regions], "regions"), ([one.id for one in lines if one.id], "lines")):
        if len(set(ids)) < len(ids):
            raise InputError(f"two {what} have one id")
    return Sheet(tuple(regions), tuple(lines), given.get("finished") is True)


def _region(value: object) -> Region:
    given = _mapping(value, "a region")
    id_ = _text(given.get("id"), "a region's id")
    if not id_:
        raise InputError("a region needs an id")
    return Region(id_, _text(given.get("kind", ""), "a region's kind"), _outline(given.get("polygon")))


def _line(value: object) -> SheetLine:
    given = _mapping(value, "a line")
    state = given.get("state", "empty")
    if state not in get_args(State):
        raise InputError("a line's state is empty, read or corrected")
    return SheetLine(
        _text(given.get("id") or "", "a line's id"),
        _text(given.get("region") or "", "a line's region"),
        _outline(given.get("polygon")),
        _outline(given.get("baseline") or []),
        _text(given.get("text") or "", "a line's text"),
        state,
    )


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{what} is no object")
    return value


def _items(value: object, what: str, most: int) -> Sequence[object]:
    if not isinstance(value, list):
        raise InputError(f"{what} is no list")
    if len(value) > most:
        raise InputError(f"more than {most:,} {what}")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        raise InputError(f"{what} is no text of up to {MAX_CHARACTERS:,} characters")
    # line ends would be lines of their own in every format, and half characters can be written in none
    return "".join(" " if c in "\t\n\r\v\f\x85\u2028\u2029" else c for c in value if not "\ud800" <= c <= "\udfff")


def _outline(value: object) -> Outline:
    points = _items(value, "points", MAX_POINTS)
    return tuple(map(_point, points))


def _point(value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2 and all(type(one) in (int, float) for one in value):
        x, y = value
        if abs(x) <= FARTHEST and abs(y) <= FARTHEST and math.isfinite(x + y):
            return float(x), float(y)
    raise InputError("a point is no pair of numbers")
