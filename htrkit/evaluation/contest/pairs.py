"""Decoders two by two: their differences, resampled together, and whether they can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from htrkit.evaluation.contest.entries import Entry
from htrkit.evaluation.figures.intervals import Figure, adjusted, figure, p_value
from htrkit.evaluation.figures.score import COLUMNS, RATES

COMPARED = ("cer", "wer")
"""The rates whose differences are tested."""
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference of rates, first minus second: negative where the first is better.

    Attributes
    ----------
    figure
        The difference, a fraction, with its interval.
    p_value
        Of the paired bootstrap, two-sided.
    p_adjusted
        The same after Holm's adjustment for all pairs of the comparison.
    """

    figure: Figure
    p_value: float
    p_adjusted: float

    @property
    def real(self) -> bool:
        """Whether the two can be told apart."""
        return self.p_adjusted < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Pair:
    """Two decoders side by side.

    Attributes
    ----------
    first, second
        Their labels.
    cer, wer
        The differences.
    won, lost, tied
        Lines on which the first makes fewer, more, and as many character errors.
    """

    first: str
    second: str
    cer: Difference
    wer: Difference
    won: int
    lost: int
    tied: int


def pair_up(entries: Sequence[Entry]) -> tuple[Pair, ...]:
    """Every two of them."""
    pairs = list(combinations(entries, 2))
    cer, wer = (_differences(pairs, rate) for rate in COMPARED)
    return tuple(
        Pair(first.label, second.label, cer[i], wer[i], *_won_lost_tied(first, second))
        for i, (first, second) in enumerate(pairs)
    )


def _differences(pairs: Sequence[tuple[Entry, Entry]], rate: str) -> list[Difference]:
    over, under = (COLUMNS.index(name) for name in RATES[rate])
    found = []
    for first, second in pairs:
        resampled = (first.sums[:, over] - second.sums[:, over]) / first.sums[:, under]
        value = getattr(first.evaluation, rate).value - getattr(second.evaluation, rate).value
        units = len(first.totals)
        found.append((figure(value, resampled, units), p_value(resampled, units)))
    return [Difference(one, p, holm) for (one, p), holm in zip(found, adjusted([p for _, p in found]), strict=True)]


def _won_lost_tied(first: Entry, second: Entry) -> tuple[int, int, int]:
    both = zip(first.evaluation.errors, second.evaluation.errors, strict=True)
    gains = [b.character_errors - a.character_errors for a, b in both]
    won, lost = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    return won, lost, len(gains) - won - lost
