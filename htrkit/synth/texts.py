"""What is to be written: words in a row, cut from texts of any kind, as long as handwritten lines are."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

# Single words and pairs, as forms and headings have them, among lines of a usual length.
SHORT, FEWEST, MOST = 0.15, 3, 12
LONGEST = 72


class Texts:
    """Draws texts from lines.

    Parameters
    ----------
    lines
        Of any length; empty ones are left out.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = [line for line in (" ".join(line.split()) for line in lines) if line]

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
