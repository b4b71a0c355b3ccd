"""What can honestly be said of decoders: who reads better, by how much, who cannot be told apart, and who failed."""

from __future__ import annotations

from collections.abc import Sequence

from htrkit.evaluation.contest.entries import Entry
from htrkit.evaluation.contest.pairs import Difference, Pair

WHAT = {"wer": "words", "cer": "characters"}


def sentences(entries: Sequence[Entry], pairs: Sequence[Pair], groups: str) -> tuple[str, ...]:
    """Every decoder against the first one, then the pairs among the others that cannot be told apart in words.

    ``groups`` are what the lines are of, ``56 groups by writer``; empty for lines that stand for themselves.
    """
    n = entries[0].evaluation.n
    lines = f"{n} lines of {groups}" if groups else f"{n} lines"
    against = [pair for pair in pairs if pair.first == entries[0].label]
    alike = [pair for pair in pairs if pair not in against and not pair.wer.real]
    failed = [entry for entry in entries if entry.failed]
    return (
        *(_sentence(pair, lines) for pair in against),
        *(f"{pair.first} and {pair.second} cannot be told apart on {lines}." for pair in alike),
        *(f"{one.label} failed on {len(one.failed)} of {n} lines, which count as read empty." for one in failed),
    )


def _sentence(pair: Pair, lines: str) -> str:
    words, characters = pair.wer, pair.cer
    if not words.real and not characters.real:
        return (
            f"{pair.second} and {pair.first} cannot be told apart on {lines}: "
            f"{_unsure(words)} in words, {_unsure(characters)} in characters."
        )
    if words.real and characters.real:
        return f"{pair.second} reads {_sure(words)} words wrong than {pair.first}, and {_sure(characters)} characters."
    real, other = ("wer", "cer") if words.real else ("cer", "wer")
    return (
        f"{pair.second} reads {_sure(getattr(pair, real))} {WHAT[real]} wrong than {pair.first}; "
        f"in {WHAT[other]} they cannot be told apart on {lines}: {_unsure(getattr(pair, other))}."
    )


def _sure(difference: Difference) -> str:
    """``3.10 (2.68 to 3.52) points fewer``: of the second, whose rate less the first's is minus the difference."""
    figure = difference.figure
    return f"{figure.points()} points fewer" if figure.value > 0 else f"{(-figure).points()} points more"


def _unsure(difference: Difference) -> str:
    """``+0.30 (-0.21 to +0.81) points (p 0.210)``: the second's rate less the first's."""
    return f"{(-difference.figure).points('+')} points (p {difference.p_adjusted:.3f})"
