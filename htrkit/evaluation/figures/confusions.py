"""Which characters are taken for which, which are missed and which are made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules


@dataclass(frozen=True, slots=True)
class Confusion:
    """One kind of mistake: ``truth`` was on the line, or nothing; ``reading`` was read, or nothing; so often, where
    ``truth`` stands so often on the lines.
    """

    truth: str
    reading: str
    count: int
    occurrences: int


@dataclass(frozen=True, slots=True)
class Confusions:
    """All mistakes by kind, the most frequent first: characters read as others, not read at all, and made up."""

    substitutions: tuple[Confusion, ...]
    deletions: tuple[Confusion, ...]
    insertions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an alignment of truth and reading: ``equal``, ``replace``, ``delete`` (in the truth alone) or
    ``insert``.
    """

    kind: str
    truth: str
    reading: str


def align(truth: str, reading: str) -> list[Piece]:
    """An alignment with the fewest character errors, as stretches of one kind."""
    return [
        Piece(block.tag, truth[block.src_start : block.src_end], reading[block.dest_start : block.dest_end])
        for block in Levenshtein.opcodes(truth, reading)
    ]


def count_confusions(pairs: Iterable[tuple[str, str]], rules: TextRules = AS_WRITTEN) -> Confusions:
    """Count the mistakes of (truth, reading) pairs, each aligned with the fewest character errors."""
    occurrences: Counter[str] = Counter()
    mistakes: Counter[tuple[str, str]] = Counter()
    for true_text, read_text in pairs:
        truth, reading = rules.characters(true_text), rules.characters(read_text)
        occurrences.update(truth)
        for edit in Levenshtein.editops(truth, reading):
            wanted = "" if edit.tag == "insert" else truth[edit.src_pos]
            got = "" if edit.tag == "delete" else reading[edit.dest_pos]
            mistakes[wanted, got] += 1
    ordered = [
        Confusion(truth, reading, count, occurrences[truth])
        for (truth, reading), count in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Confusions(
        tuple(c for c in ordered if c.truth and c.reading),
        tuple(c for c in ordered if not c.reading),
        tuple(c for c in ordered if not c.truth),
    )
