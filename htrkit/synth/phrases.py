"""What is to be written: words in a row, cut from texts of any kind, as long as handwritten lines are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

# Single words and pairs, as forms and headings have them, among lines of a usual length.
SHORT, FEWEST, MOST = 0.15, 3, 12
LONGEST = 72
# Characters named where a font lacks many.
NAMED = 20


class Phrases:
    """Draws phrases from lines of text.

    Lines that letters set side by side cannot show are left out; ``left_out`` says how many and why, or is empty.

    Parameters
    ----------
    lines
        Of any length; empty ones are left out.
    has
        Whether there is a font with a character.
    """

    def __init__(self, lines: Iterable[str], has: Callable[[str], bool]) -> None:
        self._lines: list[str] = []
        counts: dict[str, int] = {}
        characters: dict[str, set[str]] = {}
        fault = cache(lambda character: _fault(character, has))
        for line in lines:
            text = " ".join(unicodedata.normalize("NFC", line).split())
            wrong = [character for character in sorted(set(text)) if fault(character)]
            if wrong:
                reason = fault(wrong[0])
                counts[reason] = counts.get(reason, 0) + 1
                characters.setdefault(reason, set()).update(c for c in wrong if fault(c) == reason)
            elif text:
                self._lines.append(text)
        self.left_out = "; ".join(
            f"lines of text left out because {reason}: {count:,} ({' '.join(sorted(characters[reason])[:NAMED])})"
            for reason, count in counts.items()
        )

    def __len__(self) -> int:
        return len(self._lines)

    def draw(self, rng: np.random.Generator) -> str:
        """Some words in a row, `LONGEST` characters at most."""
        words = self._lines[int(rng.integers(len(self._lines)))].split(" ")
        wanted = int(rng.integers(1, FEWEST)) if rng.random() < SHORT else int(rng.integers(FEWEST, MOST + 1))
        first = int(rng.integers(max(1, len(words) - wanted + 1)))
        text = words[first]
        for word in words[first + 1 : first + wanted]:
            if len(text) + 1 + len(word) > LONGEST:
                break
            text += " " + word
        return text[:LONGEST]


def _fault(character: str, has: Callable[[str], bool]) -> str:
    """Why a text with this character cannot be drawn, if so."""
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return "they run from right to left"
    if unicodedata.category(character).startswith("M"):
        return "their marks must be fitted to letters"
    return "" if has(character) else "no font has their characters"
