"""What a search finds, and where it stands on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from htrkit import Outline
from htrkit.geometry import bounds


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

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom in whole pixels; None if nothing says where it stands."""
        return _box(self.outline)


@dataclass(frozen=True, slots=True)
class Hit:
    """A line on which a query may be found, with its words.

    Attributes
    ----------
    line, page
        Their ids, as ``htrkit recognize`` calls them. Of several words, the line is that of the longest.
    line_id
        What the page's file calls the line, a PAGE file say; empty if nothing calls it.
    source, number
        The file, or the URL if it is none here, and the page's number in it, from 1.
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
    line_id: str
    page: str
    source: Path | str
    number: int
    text: str
    probability: float
    confidence: float
    outline: Outline
    found: tuple[Found, ...]

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """That around the words that were found on the line itself."""
        return _box([point for found in self.found if found.line == self.line for point in found.outline])

    def json(self) -> dict[str, Any]:
        """What JSON can hold of it; boxes are left, top, right and bottom."""
        return {
            "line": self.line,
            "line_id": self.line_id,
            "page": self.page,
            "source": str(self.source),
            "number": self.number,
            "probability": self.probability,
            "confidence": self.confidence,
            "text": self.text,
            "box": self.box,
            "outline": self.outline,
            "words": [
                {
                    "term": found.term,
                    "line": found.line,
                    "probability": found.probability,
                    "confidence": found.confidence,
                    "box": found.box,
                }
                for found in self.found
            ],
        }


def _box(points: Sequence[tuple[float, float]]) -> tuple[int, int, int, int] | None:
    if not points:
        return None
    left, top, right, bottom = map(round, bounds(points))
    return left, top, right, bottom
