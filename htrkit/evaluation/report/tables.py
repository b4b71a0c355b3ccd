"""The tables of a comparison as texts, the same in the terminal, in Markdown and in HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass

from htrkit.evaluation.contest.comparison import Comparison, Sweep
from htrkit.evaluation.contest.entries import Entry
from htrkit.evaluation.figures.intervals import Figure
from htrkit.quoting import one_line

LONGEST = 40
"""Characters of a decoder's label, or the name of a file, that are shown as they are."""


@dataclass(frozen=True, slots=True)
class Table:
    """Texts in columns.

    Attributes
    ----------
    header, rows
        Cells.
    numeric
        Which columns hold numbers.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


def summary(comparison: Comparison) -> Table:
    """One row a decoder, the lowest character error rate first."""
    failed = any(entry.failed for entry in comparison.entries)
    header = ("decoder", "CER %", "95 %", "WER %", "95 %", "exact lines %", "95 %", "oracle CER %", "ms/line")
    rows = tuple(
        (marked(entry, comparison), *_summary_row(entry), *([str(len(entry.failed))] if failed else []))
        for entry in comparison.ranked
    )
    return Table((*header, *(["failed lines"] if failed else [])), rows, (False, *[True] * (8 + failed)))


def marked(entry: Entry, comparison: Comparison) -> str:
    """A decoder's label, with a star if it reads best, a hollow one if it cannot be told apart from that."""
    best = comparison.ranked[0].label
    with_best = [pair for pair in comparison.pairs if {pair.first, pair.second} == {entry.label, best}]
    star = "★" if comparison.pairs and entry.label == best else "☆" if with_best and not with_best[0].cer.real else ""
    return f"{shortened(entry.label)} {star}".rstrip()


def pairs(comparison: Comparison) -> Table:
    """One row a pair; differences in percentage points, first minus second."""
    header = ("first", "second", "CER points", "p", "WER points", "p", "won", "lost", "tied")
    rows = tuple(
        (
            shortened(pair.first),
            shortened(pair.second),
            pair.cer.figure.points("+"),
            p_text(pair.cer.p_adjusted),
            pair.wer.figure.points("+"),
            p_text(pair.wer.p_adjusted),
            str(pair.won),
            str(pair.lost),
            str(pair.tied),
        )
        for pair in comparison.pairs
    )
    return Table(header, rows, (False, False, *[True] * 7))


def sweep(curve: Sweep) -> Table:
    """One row a value of the option."""
    header = (curve.option, "CER %", "95 %", "WER %", "95 %", "ms/line")
    rows = tuple(
        (
            str(value),
            percent(entry.evaluation.cer.value),
            interval(entry.evaluation.cer),
            percent(entry.evaluation.wer.value),
            interval(entry.evaluation.wer),
            milliseconds(entry.seconds_per_line),
        )
        for value, entry in curve.points
    )
    return Table(header, rows, (True,) * len(header))


def left_out(comparison: Comparison) -> list[tuple[str, str]]:
    """Decoders that could not take part, each with the reason in one line."""
    return [(one.label, one_line(one.reason)) for one in comparison.left_out]


def described(comparison: Comparison) -> list[str]:
    """What was measured, and how, a sentence each."""
    drawn = comparison.resampling.drawn(comparison.units)
    steps = ", ".join(comparison.preprocess) or "none"
    data = f" of {', '.join(map(shortened, comparison.data))}" if comparison.data else ""
    return [
        f"{comparison.n} lines{data}: {comparison.words} words, {comparison.characters} characters.",
        f"Model {comparison.model}, preprocessing: {steps}; every decoder read the same network outputs.",
        _encoding(comparison),
        *(["★ has the lowest character error rate, ☆ cannot be told apart from it."] if comparison.pairs else []),
        f"Texts compared in {comparison.rules}.",
        f"Intervals: 95 %, bootstrap of {drawn}, {comparison.resampling.resamples} resamples, "
        f"seed {comparison.resampling.seed}; p-values: paired bootstrap, two-sided, adjusted by Holm for all pairs.",
        f"Oracle: the best of up to {comparison.n_best} hypotheses of each line. Times: one thread, "
        "median over groups of lines; loading, and waiting for a core of a busy machine, are not counted.",
    ]


def title(comparison: Comparison) -> str:
    """What was compared, when: ``valid.tsv read with iam, 26 November 2026``."""
    data = ", ".join(map(shortened, comparison.data)) or f"{comparison.n} lines"
    return f"{data} read with {comparison.model}, {comparison.date.day} {comparison.date:%B %Y}"


def shortened(text: str) -> str:
    """A text in which long paths have their last two parts alone, if it is longer than `LONGEST`."""
    return re.sub(r"[^\s,=:<>]*/(?=[^\s,/<>]+/[^\s,/<>]+)", "…/", text) if len(text) > LONGEST else text


def percent(value: float) -> str:
    """``4.81``."""
    return f"{value * 100:.2f}"


def interval(figure: Figure) -> str:
    """``4.40–5.23``, or a dash."""
    return "–" if figure.low is None or figure.high is None else f"{percent(figure.low)}–{percent(figure.high)}"


def p_text(p: float) -> str:
    """``0.03``, ``<0.001``."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def milliseconds(seconds: float | None) -> str:
    """``0.40``, ``12``, or a dash."""
    if seconds is None:
        return "–"
    return f"{seconds * 1000:.{2 if seconds < 0.01 else 0}f}"


def _encoding(comparison: Comparison) -> str:
    speed = comparison.encoder
    if not speed.lines:
        return "Network outputs: all from the cache."
    return f"Network outputs: {speed.lines} computed, {speed.lines_per_second:.0f} lines/s; the others from the cache."


def _summary_row(entry: Entry) -> tuple[str, ...]:
    shown = entry.evaluation
    figures = [text for one in (shown.cer, shown.wer, shown.exact) for text in (percent(one.value), interval(one))]
    return (*figures, percent(entry.oracle_cer.value), milliseconds(entry.seconds_per_line))
