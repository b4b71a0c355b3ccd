"""Decoders compared on one network's outputs: figures, paired differences and what can honestly be said, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from htrkit.evaluation.contenders import Contender
from htrkit.evaluation.figures import RATES, Evaluation, Speed
from htrkit.evaluation.intervals import Figure, Resampling, adjusted, figure, p_value
from htrkit.evaluation.rules import TextRules

if TYPE_CHECKING:
    import pandas

COMPARED = ("cer", "wer")
"""The rates whose differences are tested."""
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Entry:
    """How one decoder did.

    Attributes
    ----------
    contender, origin
        The decoder, and the package that it comes from.
    evaluation
        Its figures and its reading of every line; a line on which it failed counts as read empty.
    oracle_cer, oracle_wer
        Error rates if somebody picked the best hypothesis of each line's n-best list.
    hypotheses
        Mean length of these lists.
    seconds_per_line
        On one thread, without loading and compiling; None if nothing could be timed.
    failed
        (id, reason) of the lines on which it failed.
    """

    contender: Contender
    origin: str
    evaluation: Evaluation
    oracle_cer: Figure
    oracle_wer: Figure
    hypotheses: float
    seconds_per_line: float | None
    failed: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The decoder's name and options."""
        return self.contender.label


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A decoder that could not take part, and why."""

    label: str
    reason: str


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


@dataclass(frozen=True, slots=True)
class Sweep:
    """One decoder with several values of one option.

    Attributes
    ----------
    option
        The option that varies.
    label
        The decoder with its other options.
    points
        Each value, and how the decoder reads with it.
    """

    option: str
    label: str
    points: tuple[tuple[object, Entry], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Decoders compared on the same network outputs.

    Attributes
    ----------
    model, alphabet, preprocess, data
        What was read, and with what; the alphabet is the network's characters in label order.
    n, characters, words, units
        Lines, what stands on them, and how many units the intervals resample.
    rules, resampling, n_best
        How texts were compared, intervals drawn, and how many hypotheses were asked for.
    entries
        The decoders that took part, in the order given.
    left_out
        Those that could not.
    pairs
        Every two of them.
    sweeps
        Curves over an option.
    encoder
        The speed of the network, over the lines that were not in the cache.
    positions, keys
        Of the lines: which of the data they are, and where their network outputs are in the cache.
    notes
        What to keep in mind.
    """

    model: str
    alphabet: str
    preprocess: tuple[str, ...]
    data: tuple[str, ...]
    n: int
    characters: int
    words: int
    units: int
    rules: TextRules
    resampling: Resampling
    n_best: int
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    pairs: tuple[Pair, ...]
    sweeps: tuple[Sweep, ...]
    encoder: Speed
    positions: tuple[int, ...]
    keys: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What can be said of the decoders, one sentence each."""
        from htrkit.evaluation.sentences import sentences

        return sentences(self)

    def entry(self, label: str) -> Entry:
        """The decoder under a label."""
        return next(entry for entry in self.entries if entry.label == label)

    def to_frame(self) -> pandas.DataFrame:
        """One row a decoder; needs pandas."""
        from htrkit.evaluation.frames import frame

        return frame(_row(entry) for entry in self.entries)

    def pairs_to_frame(self) -> pandas.DataFrame:
        """One row a pair; needs pandas."""
        from htrkit.evaluation.frames import frame

        return frame(
            {"first": pair.first, "second": pair.second, "won": pair.won, "lost": pair.lost, "tied": pair.tied}
            | {
                f"{rate}_{name}": value
                for rate in COMPARED
                for name, value in _difference_row(getattr(pair, rate)).items()
            }
            for pair in self.pairs
        )

    def lines_to_frame(self) -> pandas.DataFrame:
        """One row a line, with every decoder's text and character errors; needs pandas."""
        from htrkit.evaluation.frames import frame

        def row(i: int) -> dict[str, Any]:
            line = self.entries[0].evaluation.readings[i]
            texts = {entry.label: entry.evaluation.readings[i].text for entry in self.entries}
            errors = {f"{e.label} errors": e.evaluation.errors[i].character_errors for e in self.entries}
            return {"id": line.id, **line.groups, "truth": line.truth, **texts, **errors}

        return frame(row(i) for i in range(self.n))


def _row(entry: Entry) -> dict[str, Any]:
    figures = {name: getattr(entry.evaluation, name) for name in RATES}
    figures |= {"oracle_cer": entry.oracle_cer, "oracle_wer": entry.oracle_wer}
    row: dict[str, Any] = {"decoder": entry.label, "from": entry.origin}
    for name, one in figures.items():
        row |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
    return row | {
        "hypotheses": entry.hypotheses,
        "seconds_per_line": entry.seconds_per_line,
        "failed_lines": len(entry.failed),
    }


def _difference_row(one: Difference) -> dict[str, Any]:
    return {
        "difference": one.figure.value,
        "low": one.figure.low,
        "high": one.figure.high,
        "p_value": one.p_value,
        "p_adjusted": one.p_adjusted,
    }


def pair_up(
    entries: Sequence[Entry], totals: Mapping[str, NDArray[np.int64]], sums: Mapping[str, NDArray[np.float64]]
) -> tuple[Pair, ...]:
    """Every two entries, their differences resampled together.

    Parameters
    ----------
    totals
        By label, (units, ``len(COLUMNS)``) counts.
    sums
        By label, (resamples, ``len(COLUMNS)``), all from the same draws.
    """
    from htrkit.evaluation.figures import COLUMNS

    chosen = [(first, second) for i, first in enumerate(entries) for second in entries[i + 1 :]]
    found: dict[str, list[tuple[Figure, float]]] = {}
    for rate in COMPARED:
        over, under = (COLUMNS.index(name) for name in RATES[rate])
        found[rate] = []
        for first, second in chosen:
            a, b = sums[first.label], sums[second.label]
            differences = (a[:, over] - b[:, over]) / a[:, under]
            value = getattr(first.evaluation, rate).value - getattr(second.evaluation, rate).value
            units = len(totals[first.label])
            found[rate].append((figure(value, differences, units), p_value(differences, units)))
    holm = {rate: adjusted([p for _, p in found[rate]]) for rate in COMPARED}

    def difference(rate: str, i: int) -> Difference:
        measured, p = found[rate][i]
        return Difference(measured, p, holm[rate][i])

    return tuple(
        Pair(first.label, second.label, difference("cer", i), difference("wer", i), *_won_lost_tied(first, second))
        for i, (first, second) in enumerate(chosen)
    )


def _won_lost_tied(first: Entry, second: Entry) -> tuple[int, int, int]:
    both = zip(first.evaluation.errors, second.evaluation.errors, strict=True)
    gains = [b.character_errors - a.character_errors for a, b in both]
    won, lost = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    return won, lost, len(gains) - won - lost
