"""Readings scored against the truth: which lines count, and every rate with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import InputError
from htrkit.evaluation.figures.breakdown import Calibration, by_confidence, by_length, calibration
from htrkit.evaluation.figures.confusions import count_confusions
from htrkit.evaluation.figures.evaluation import Evaluation, Reading, Speed
from htrkit.evaluation.figures.intervals import Figure, Resampling, figure, resampled_sums, totals_by_unit
from htrkit.evaluation.figures.metrics import LineErrors, line_errors, words_right
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.types import Failed

RATES = {
    "cer": ("character_errors", "characters"),
    "wer": ("word_errors", "words"),
    "exact": ("exact", "lines"),
    "exact_words": ("words_right", "words"),
}
"""Every rate as the quotient of two sums over lines."""
COLUMNS = (*LineErrors._fields, "lines")


class Counted(NamedTuple):
    """The lines that count.

    Attributes
    ----------
    readings, positions
        The lines, and where in the data each stands.
    units
        The group of each line that is resampled as a whole; None if single lines are.
    resampling
        As asked for, with ``by`` settled.
    notes
        What to keep in mind with their figures.
    """

    readings: tuple[Reading, ...]
    positions: tuple[int, ...]
    units: list[str] | None
    resampling: Resampling
    notes: tuple[str, ...]


def counted(readings: Sequence[Reading], rules: TextRules, resampling: Resampling) -> Counted:
    """The lines whose truth is not empty under ``rules``, and what their intervals resample.

    Raises InputError if there is none; UsageError if ``resampling.by`` is a group that not every line has.
    """
    kept = [i for i, reading in enumerate(readings) if rules.words(reading.truth)]
    lost = [reading.id for reading in readings if not rules.words(reading.truth)]
    if not kept:
        why = "none of its lines holds text that counts" if lost else "there are no lines with known text"
        raise InputError(f"nothing to measure: {why}")
    groups = [readings[i].groups for i in kept]
    resampling = resampling.settled(groups)
    units = resampling.units(groups)
    notes = [f"left out, for no text that counts: {len(lost)} (first: {lost[0]})"] if lost else []
    notes += resampling.caveats(len(kept) if units is None else len(set(units)))
    return Counted(tuple(readings[i] for i in kept), tuple(kept), units, resampling, tuple(notes))


def unread(failed: Sequence[Failed]) -> list[str]:
    """A note on lines that could not be read."""
    if not failed:
        return []
    lines = "1 line" if len(failed) == 1 else f"{len(failed)} lines"
    return [f"could not be read: {lines}, counted as read empty; the first: {failed[0]}"]


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
    lines = counted(readings, rules, resampling or Resampling())
    errors = [line_errors(reading.truth, reading.text, rules) for reading in lines.readings]
    totals = totals_by_unit(table(errors), lines.units)
    sums = resampled_sums(totals, lines.resampling)
    result = described(lines.readings, errors, totals, sums, rules, lines.resampling)
    return replace(result, notes=lines.notes, encoder=encoder, decoder=decoder)


def described(
    readings: Sequence[Reading],
    errors: Sequence[LineErrors],
    totals: NDArray[np.int64],
    sums: NDArray[np.float64],
    rules: TextRules,
    resampling: Resampling,
) -> Evaluation:
    """The evaluation of readings whose errors are counted and resampled already.

    ``totals`` are (units, at least ``len(COLUMNS)``) counts, ``sums`` (resamples, as many) of the same columns.
    """
    confident = [reading.confidence for reading in readings if reading.confidence is not None]
    sure = len(confident) == len(readings)
    rates = {name: rate(totals, sums, *map(COLUMNS.index, columns)) for name, columns in RATES.items()}
    return Evaluation(
        n=len(readings),
        characters=sum(one.characters for one in errors),
        words=sum(one.words for one in errors),
        cer=rates["cer"],
        wer=rates["wer"],
        exact=rates["exact"],
        exact_words=rates["exact_words"],
        rules=rules,
        resampling=resampling,
        units=len(totals),
        confusions=count_confusions(((reading.truth, reading.text) for reading in readings), rules),
        by_length=by_length(errors),
        by_confidence=by_confidence(errors, confident) if sure else (),
        calibration=calibration([one.exact == 1 for one in errors], confident) if sure else None,
        word_calibration=_word_calibration(readings, rules),
        readings=tuple(readings),
        errors=tuple(errors),
    )


def _word_calibration(readings: Sequence[Reading], rules: TextRules) -> Calibration | None:
    right, sure = [], []
    for reading in readings:
        right += words_right(reading.truth, [text for text, _ in reading.words], rules)
        sure += [confidence for _, confidence in reading.words]
    return calibration(right, sure) if sure else None


def table(errors: Sequence[LineErrors]) -> NDArray[np.int64]:
    """(lines, ``len(COLUMNS)``) counts."""
    return np.array([(*one, 1) for one in errors], np.int64)


def rate(totals: NDArray[np.int64], sums: NDArray[np.float64], over: int, under: int) -> Figure:
    """The quotient of two columns of `described`'s counts, with its interval."""
    whole = totals.sum(axis=0)
    return figure(float(whole[over] / whole[under]), sums[:, over] / sums[:, under], len(totals))
