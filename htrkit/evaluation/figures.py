"""Readings against the truth: every figure with its interval, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import InputError, UsageError
from htrkit.evaluation.breakdown import Calibration, Slice, by_confidence, by_length, calibration
from htrkit.evaluation.confusions import Confusions, count_confusions
from htrkit.evaluation.intervals import Figure, Resampling, figure, resampled_sums, totals_by_unit
from htrkit.evaluation.metrics import LineErrors, line_errors
from htrkit.evaluation.rules import AS_WRITTEN, TextRules

if TYPE_CHECKING:
    import pandas

RATES = {
    "cer": ("character_errors", "characters"),
    "wer": ("word_errors", "words"),
    "exact": ("exact", "lines"),
    "exact_words": ("words_right", "words"),
}
"""Every rate as the quotient of two sums over lines."""
FEW_UNITS = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on a line whose text is known.

    Attributes
    ----------
    id
        What the line is called.
    truth, text
        What stands there, and what was read.
    confidence
        0 to 1, or None if the decoder does not say.
    groups
        Such as ``{"writer": "000"}``.
    """

    id: str
    truth: str
    text: str
    confidence: float | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speed:
    """How long a stage took.

    Attributes
    ----------
    lines, seconds
        Wall clock.
    """

    lines: int
    seconds: float

    @property
    def lines_per_second(self) -> float:
        """Lines a second; 0 if none was read."""
        return self.lines / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well lines were read.

    Attributes
    ----------
    n, characters, words
        Lines, and what stands on them.
    cer, wer
        Character and word error rate, micro-averaged, fractions.
    exact, exact_words
        Share of lines, and of words, read without any error.
    rules, resampling
        How texts were compared, and how the intervals were drawn.
    units
        What was resampled: lines, or groups.
    confusions, by_length, by_confidence, calibration
        What kind of errors, and where; the last two are empty and None where the decoder gives no confidence.
    readings, errors
        Every line with its errors, in the order of the data.
    notes
        What to keep in mind with these figures.
    encoder, decoder
        The speed of either stage, where it was measured.
    """

    n: int
    characters: int
    words: int
    cer: Figure
    wer: Figure
    exact: Figure
    exact_words: Figure
    rules: TextRules
    resampling: Resampling
    units: int
    confusions: Confusions
    by_length: tuple[Slice, ...]
    by_confidence: tuple[Slice, ...]
    calibration: Calibration | None
    readings: tuple[Reading, ...]
    errors: tuple[LineErrors, ...]
    notes: tuple[str, ...] = ()
    encoder: Speed | None = None
    decoder: Speed | None = None

    def worst(self, count: int) -> list[tuple[Reading, LineErrors]]:
        """The lines with the most character errors, the shorter of two first."""
        order = sorted(
            (i for i in range(self.n) if self.errors[i].character_errors),
            key=lambda i: (-self.errors[i].character_errors, self.errors[i].characters, i),
        )
        return [(self.readings[i], self.errors[i]) for i in order[:count]]

    def to_frame(self) -> pandas.DataFrame:
        """One row a line: id, truth, text, confidence, groups and error counts; needs pandas."""
        from htrkit.evaluation.frames import frame

        return frame(
            {
                "id": reading.id,
                "truth": reading.truth,
                "text": reading.text,
                "confidence": reading.confidence,
                **reading.groups,
                **errors._asdict(),
            }
            for reading, errors in zip(self.readings, self.errors, strict=True)
        )


def score(
    readings: Sequence[Reading],
    *,
    rules: TextRules = AS_WRITTEN,
    resampling: Resampling | None = None,
    encoder: Speed | None = None,
    decoder: Speed | None = None,
) -> Evaluation:
    """Compare readings, from whatever program, with the truth.

    Lines whose truth is empty under ``rules`` are left out, and a note says so.

    Raises
    ------
    InputError
        If no line is left.
    UsageError
        If ``resampling.by`` is a group that not every line has.
    """
    resampling = resampling or Resampling()
    kept, notes = with_text(readings, rules)
    errors = [line_errors(reading.truth, reading.text, rules) for reading in kept]
    groups = unit_names([reading.groups for reading in kept], resampling.by)
    totals = totals_by_unit(table(errors), groups)
    sums = resampled_sums(totals, resampling)
    result = described(kept, errors, totals, sums, rules, resampling)
    caution = caveats(len(kept), len(totals), resampling.by)
    return replace(result, notes=(*notes, *caution), encoder=encoder, decoder=decoder)


def described(
    readings: Sequence[Reading],
    errors: Sequence[LineErrors],
    totals: NDArray[np.int64],
    sums: NDArray[np.float64],
    rules: TextRules,
    resampling: Resampling,
) -> Evaluation:
    """The evaluation of readings whose errors are counted and resampled already.

    Parameters
    ----------
    totals
        (units, ``len(COLUMNS)``) counts.
    sums
        (resamples, ``len(COLUMNS)``) of the same columns.
    """
    confident = [reading.confidence for reading in readings if reading.confidence is not None]
    sure = len(confident) == len(readings)
    figures = rates(totals, sums)
    return Evaluation(
        n=len(readings),
        characters=sum(one.characters for one in errors),
        words=sum(one.words for one in errors),
        cer=figures["cer"],
        wer=figures["wer"],
        exact=figures["exact"],
        exact_words=figures["exact_words"],
        rules=rules,
        resampling=resampling,
        units=len(totals),
        confusions=count_confusions(((reading.truth, reading.text) for reading in readings), rules),
        by_length=by_length(errors),
        by_confidence=by_confidence(errors, confident) if sure else (),
        calibration=calibration(errors, confident) if sure else None,
        readings=tuple(readings),
        errors=tuple(errors),
    )


COLUMNS = (*LineErrors._fields, "lines")


def table(errors: Sequence[LineErrors]) -> NDArray[np.int64]:
    """(lines, ``len(COLUMNS)``) counts."""
    return np.array([(*one, 1) for one in errors], np.int64)


def rates(totals: NDArray[np.int64], sums: NDArray[np.float64]) -> dict[str, Figure]:
    """Every rate of `RATES` with its interval.

    Parameters
    ----------
    totals
        (units, ``len(COLUMNS)``) counts.
    sums
        (resamples, ``len(COLUMNS)``) of the same columns.
    """
    whole = totals.sum(axis=0)
    figures = {}
    for name, (over, under) in RATES.items():
        i, j = COLUMNS.index(over), COLUMNS.index(under)
        figures[name] = figure(float(whole[i] / whole[j]), sums[:, i] / sums[:, j], len(totals))
    return figures


def with_text(readings: Sequence[Reading], rules: TextRules) -> tuple[list[Reading], list[str]]:
    """The readings whose truth is not empty under ``rules``, and a note on the others.

    Raises
    ------
    InputError
        If none is left.
    """
    kept = [reading for reading in readings if rules.words(reading.truth)]
    lost = [reading for reading in readings if not rules.words(reading.truth)]
    if not kept:
        why = "none of its lines holds text that counts" if lost else "there are no lines with known text"
        raise InputError(f"nothing to measure: {why}")
    return kept, ([f"left out, for no text that counts: {_counted(lost)}"] if lost else [])


def unit_names(groups: Sequence[Mapping[str, str]], by: str | None) -> list[str] | None:
    """The group of each line that is resampled as a whole, or None where lines are.

    Raises
    ------
    UsageError
        If not every line has the group.
    """
    if by is None:
        return None
    without = sum(by not in one for one in groups)
    if without:
        known = sorted(set().union(*groups))
        has = f"the data has {', '.join(known)}" if known else "the data has no further columns"
        raise UsageError(f"{without} of {len(groups)} lines have no {by!r} to resample by; {has}")
    return [one[by] for one in groups]


def caveats(lines: int, units: int, by: str | None) -> list[str]:
    """What to keep in mind with intervals from so few units."""
    what = f"groups by {by}" if by else "lines"
    if units < 2:
        return [f"no intervals: they need at least two {what}, there is one"]
    if units < FEW_UNITS:
        return [f"only {units} {what}: the intervals are rough"]
    return []


def _counted(readings: Sequence[Reading]) -> str:
    return f"{len(readings)} (first: {readings[0].id})"
