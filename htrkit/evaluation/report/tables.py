"""The tables of a comparison as texts, the same in the terminal, in Markdown and in HTML."""

from __future__ import annotations

from dataclasses import dataclass

from htrkit.evaluation.comparison import Comparison, Difference, Entry, Sweep
from htrkit.evaluation.intervals import Figure
from htrkit.quoting import one_line


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
    """One row a decoder."""
    header = ("decoder", "CER %", "95 %", "WER %", "95 %", "exact lines %", "95 %", "oracle CER %", "ms/line")
    rows = tuple(_summary_row(entry) for entry in comparison.entries)
    return Table(header, rows, (False, *[True] * 8))


def pairs(comparison: Comparison) -> Table:
    """One row a pair; differences in percentage points, first minus second."""
    header = ("first", "second", "CER points", "p", "WER points", "p", "won", "lost", "tied")
    rows = tuple(
        (
            pair.first,
            pair.second,
            points(pair.cer),
            p_text(pair.cer.p_adjusted),
            points(pair.wer),
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
    by = comparison.resampling.by
    units = f"{comparison.units} groups by {by}" if by else "single lines"
    steps = ", ".join(comparison.preprocess) or "none"
    read = f" of {', '.join(comparison.data)}" if comparison.data else ""
    return [
        f"{comparison.n} lines{read}: {comparison.words} words, {comparison.characters} characters.",
        f"Model {comparison.model}, preprocessing: {steps}; every decoder read the same network outputs.",
        _encoding(comparison),
        f"Texts compared in {comparison.rules}.",
        f"Intervals: 95 %, bootstrap of {units}, {comparison.resampling.resamples} resamples, "
        f"seed {comparison.resampling.seed}; p-values: paired bootstrap, two-sided, adjusted by Holm for all pairs.",
        f"Oracle: the best of up to {comparison.n_best} hypotheses of each line. Times: one thread, "
        "median over groups of lines; loading, and waiting for a core of a busy machine, are not counted.",
    ]


def percent(value: float) -> str:
    """``4.81``."""
    return f"{value * 100:.2f}"


def interval(figure: Figure) -> str:
    """``4.40–5.23``, or a dash."""
    return "–" if figure.low is None or figure.high is None else f"{percent(figure.low)}–{percent(figure.high)}"


def points(difference: Difference) -> str:
    """``-3.10 (-3.52 to -2.68)``."""
    figure = difference.figure
    if figure.low is None or figure.high is None:
        return f"{figure.value * 100:+.2f}"
    return f"{figure.value * 100:+.2f} ({figure.low * 100:+.2f} to {figure.high * 100:+.2f})"


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
    return (entry.label, *figures, percent(entry.oracle_cer.value), milliseconds(entry.seconds_per_line))
