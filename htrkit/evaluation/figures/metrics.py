"""How far readings are from the truth: character and word error rates, exact matches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules


class LineErrors(NamedTuple):
    """Edit distances of one line.

    Attributes
    ----------
    character_errors, characters
        Levenshtein distance in code points, and code points in the truth.
    word_errors, words
        The same in words, split at white space.
    words_right
        Words of the truth that an alignment with the fewest word errors finds in the reading.
    exact
        1 if the line was read without any error, else 0.
    """

    character_errors: int
    characters: int
    word_errors: int
    words: int
    words_right: int
    exact: int


@dataclass(frozen=True, slots=True)
class Errors:
    """Edit distances, as in `LineErrors`, summed over ``n`` lines, so that long lines count for more."""

    n: int
    character_errors: int
    characters: int
    word_errors: int
    words: int
    words_right: int
    exact_lines: int

    @classmethod
    def of(cls, lines: Iterable[LineErrors]) -> Errors:
        """The sum over lines."""
        listed = list(lines)
        totals = [sum(column) for column in zip(*listed, strict=True)] or [0] * len(LineErrors._fields)
        return cls(len(listed), *totals)

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


def line_errors(truth: str, reading: str, rules: TextRules = AS_WRITTEN) -> LineErrors:
    """Compare one reading with the truth."""
    true, read = rules.characters(truth), rules.characters(reading)
    true_words, read_words = rules.words(truth), rules.words(reading)
    if true == read and true_words == read_words:
        return LineErrors(0, len(true), 0, len(true_words), len(true_words), 1)
    edits = Levenshtein.editops(true_words, read_words)
    lost = sum(edit.tag != "insert" for edit in edits)
    return LineErrors(
        Levenshtein.distance(true, read),
        len(true),
        len(edits),
        len(true_words),
        len(true_words) - lost,
        int(true == read),
    )


def words_right(truth: str, words: Sequence[str], rules: TextRules = AS_WRITTEN) -> list[bool]:
    """Whether each word that was read is right, in an alignment with the fewest word errors."""
    right = [False] * len(words)
    for block in Levenshtein.opcodes(rules.words(truth), [" ".join(rules.words(word)) for word in words]):
        if block.tag == "equal":
            right[block.dest_start : block.dest_end] = [True] * (block.dest_end - block.dest_start)
    return right


def count_errors(pairs: Iterable[tuple[str, str]]) -> Errors:
    """Compare (truth, reading) pairs as they are written, and sum up."""
    return Errors.of(line_errors(truth, reading) for truth, reading in pairs)
