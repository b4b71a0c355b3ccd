"""The plots of a comparison as SVG that takes the colour of the text around it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from htrkit.evaluation.contest.comparison import Comparison, Sweep
from htrkit.evaluation.contest.entries import Entry
from htrkit.evaluation.figures.intervals import Figure
from htrkit.evaluation.report.tables import LONGEST, shortened
from htrkit.files import keep_in_cache

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

COLOURS = ("#3b82c4", "#d9772b", "#3f9e5a", "#c2455b", "#8e6bbf", "#8a7f2e", "#2f9c9c", "#b0589b")
"""Legible on white and on black."""
MARKERS = "osD^vPX*"
INK = "#010203"
"""Stands for the colour of the text around the plot."""
RATES = (("cer", "CER %"), ("wer", "WER %"))


def intervals(entries: Sequence[Entry]) -> str:
    """Error rates with their intervals, a row for each decoder."""
    with _canvas(9.0, 1.1 + 0.38 * len(entries)) as (canvas, drawn):
        panels = canvas.subplots(1, 2, sharey=True)
        for axes, (rate, title) in zip(panels, RATES, strict=True):
            for row, entry in enumerate(entries):
                figure = getattr(entry.evaluation, rate)
                axes.errorbar(
                    figure.value * 100, row, xerr=_arms(figure), **_style(row), capsize=3, linewidth=1.5, markersize=6
                )
            axes.set_xlabel(title)
            axes.grid(axis="x", alpha=0.25)
        panels[0].set_yticks(range(len(entries)), [_named(entry) for entry in entries])
        panels[0].set_ylim(len(entries) - 0.5, -0.5)
    return drawn[0]


def accuracy_against_speed(entries: Sequence[Entry]) -> str:
    """Error rates over the time for a line; empty if no time is known."""
    timed = [(row, entry) for row, entry in enumerate(entries) if entry.seconds_per_line]
    if not timed:
        return ""
    with _canvas(9.0, 3.6) as (canvas, drawn):
        panels = canvas.subplots(1, 2)
        for axes, (rate, title) in zip(panels, RATES, strict=True):
            for row, entry in timed:
                figure = getattr(entry.evaluation, rate)
                how = {**_style(row), "label": _named(entry), "capsize": 2, "linewidth": 1}
                axes.errorbar(_milliseconds(entry), figure.value * 100, yerr=_arms(figure), **how)
            _time_axis(axes, [_milliseconds(entry) for _, entry in timed])
            axes.set_ylabel(title)
            axes.grid(alpha=0.25)
        handles, labels = panels[0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize="small")
    return drawn[0]


def sweep(curve: Sweep) -> str:
    """Error rates and time over the values of an option; empty if there is no point."""
    if not curve.points:
        return ""
    values = [value for value, _ in curve.points]
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    numeric = len(numbers) == len(values)
    places = numbers if numeric else [float(i) for i in range(len(values))]
    with _canvas(9.0, 2.9) as (canvas, drawn):
        panels = canvas.subplots(1, 3)
        for i, (axes, (rate, title)) in enumerate(zip(panels, RATES, strict=False)):
            figures = [getattr(entry.evaluation, rate) for _, entry in curve.points]
            axes.plot(places, [one.value * 100 for one in figures], marker="o", color=COLOURS[i])
            low = [(one.value if one.low is None else one.low) * 100 for one in figures]
            high = [(one.value if one.high is None else one.high) * 100 for one in figures]
            axes.fill_between(places, low, high, color=COLOURS[i], alpha=0.2, linewidth=0)
            axes.set_ylabel(title)
        panels[2].plot(places, [_milliseconds(entry) for _, entry in curve.points], marker="o", color=COLOURS[2])
        panels[2].set_ylabel("ms/line")
        for axes in panels:
            if numeric and min(numbers) > 0 and max(numbers) / min(numbers) >= 20:
                axes.set_xscale("log")
            axes.set_xticks(places, [_short(str(value)) for value in values], minor=False)
            axes.minorticks_off()
            axes.set_xlabel(curve.option)
            axes.grid(alpha=0.25)
    return drawn[0]


def every(comparison: Comparison) -> list[tuple[str, str]]:
    """(caption, SVG) of all plots that the comparison has data for."""
    plots = [
        ("Error rates with 95 % intervals", intervals(comparison.ranked)),
        ("Error rate against time for a line", accuracy_against_speed(comparison.ranked)),
        *((f"{shortened(curve.label)} by {curve.option}", sweep(curve)) for curve in comparison.sweeps),
    ]
    return [(caption, svg) for caption, svg in plots if svg]


def standalone(svg: str) -> str:
    """A plot as a file of its own: dark on white wherever it is shown."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    style = 'style="color: #1c2024; background: #ffffff"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg.replace("<svg", f"<svg {names} {style}", 1)}'


@contextmanager
def _canvas(width: float, height: float) -> Iterator[tuple[Canvas, list[str]]]:
    """A figure of that many inches; its SVG is in the list when the block has ended."""
    import warnings

    keep_in_cache("MPLCONFIGDIR", "matplotlib")
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    colours = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK)
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "htrkit",
        "text.parse_math": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.family": "sans-serif",
        "font.size": 9,
        "grid.color": INK,
        "axes.axisbelow": True,
    }
    drawn: list[str] = []
    # its stubs list every setting by name; these names are put together
    with matplotlib.rc_context(settings | colours), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.simplefilter("ignore")  # of characters that Matplotlib's own fonts lack: the browser has others
        canvas = Canvas(figsize=(width, height), layout="constrained")
        yield canvas, drawn
        file = io.StringIO()
        canvas.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        drawn.append(_inline(file.getvalue()))


def _inline(svg: str) -> str:
    """The SVG element alone, as wide as its place, in the colour of the text, without ids that would stand twice."""
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    return re.sub(r'^<svg [^>]*?(viewBox="[^"]*")[^>]*>', r'<svg \1 role="img">', svg, count=1, flags=re.DOTALL)


def _arms(figure: Figure) -> list[list[float]] | None:
    """How far the interval reaches to either side, in percentage points."""
    if figure.low is None or figure.high is None:
        return None
    return [[max(0.0, figure.value - figure.low) * 100], [max(0.0, figure.high - figure.value) * 100]]


def _style(row: int) -> dict[str, Any]:
    return {"color": COLOURS[row % len(COLOURS)], "fmt": MARKERS[row % len(MARKERS)]}


def _milliseconds(entry: Entry) -> float:
    return (entry.seconds_per_line or 0.0) * 1000


def _time_axis(axes: Axes, milliseconds: Sequence[float]) -> None:
    """A logarithmic scale with at least two labels, plain numbers, not formulas, which a decoder's name could be."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = min(milliseconds) / 2, max(milliseconds) * 2
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,), numticks=20))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("ms for a line, one thread (logarithmic)")


def _named(entry: Entry) -> str:
    """A decoder's label, short enough to stand beside a plot; with the lines on which it failed."""
    failed = f" ({len(entry.failed)} failed)" if entry.failed else ""
    return f"{_short(shortened(entry.label))}{failed}"


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
