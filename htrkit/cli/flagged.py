"""What a person should look at: words that are not sure enough, and ink that was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htrkit.cli import terminal

if TYPE_CHECKING:
    from htrkit.types import Result

SHOWN = 4
"""Alternatives of a word; the other formats have them all."""


class Flagged:
    """Collects from results what has to be looked at.

    Parameters
    ----------
    below
        Words with a lower confidence are flagged.
    """

    def __init__(self, below: float) -> None:
        self.below, self._words = below, 0
        self._rows: list[tuple[float, str, str, str]] = []

    def add(self, result: Result) -> None:
        """Collect from one result."""
        words = result.hypotheses[0].words
        self._words += len(words)
        for word in words:
            if word.confidence is None or word.confidence < self.below or not word.has_ink:
                others = ", ".join(one.text for one in word.alternatives[:SHOWN])
                self._rows.append((word.confidence or 0.0, word.text, others, result.id))
        self._rows += [(0.0, "(ink that was not read)", "", result.id)] * len(result.unread)

    def put(self) -> None:
        """Say on standard error what was collected, the least sure first."""
        rows = [(f"{sure:.2f}", *more) for sure, *more in sorted(self._rows, key=lambda row: row[0])]
        if rows:
            terminal.note(terminal.table(("confidence", "read", "or", "where"), rows))
        terminal.note(f"{len(rows)} to look at, of {self._words} words: below {self.below:g}, without ink, or not read")
