"""How far readings are from the truth: character and word error rates, exact matches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class Errors:
    """Edit distances summed over lines; the rates are micro-averages, so long lines count for more.

    Attributes
    ----------
    n
        Lines.
    character_errors, characters
        Levenshtein distance in code points, and code points in the truth.
    word_errors, words
        The same in words, split at white space.
    exact_lines
        Lines read without any error.
    """

    n: int
    character_errors: int
    characters: int
    word_errors: int
    words: int
    exact_lines: int

    @property
    def cer(self) -> float:
        """Character error rate, a fraction; 0 where there are no characters."""
        return self.character_errors / max(1, self.characters)

    @property
    def wer(self) -> float:
        """Word error rate, a fraction; 0 where there are no words."""
        return self.word_errors / max(1, self.words)

    @property
    def exact(self) -> float:
        """Share of the lines read without any error."""
        return self.exact_lines / max(1, self.n)


def count_errors(pairs: Iterable[tuple[str, str]]) -> Errors:
    """Compare (truth, reading) pairs; case, punctuation and spaces count as they are."""
    n = character_errors = characters = word_errors = words = exact_lines = 0
    for truth, reading in pairs:
        n += 1
        true_words, read_words = truth.split(), reading.split()
        character_errors += Levenshtein.distance(truth, reading)
        characters += len(truth)
        word_errors += Levenshtein.distance(true_words, read_words)
        words += len(true_words)
        exact_lines += truth == reading
    return Errors(n, character_errors, characters, word_errors, words, exact_lines)
