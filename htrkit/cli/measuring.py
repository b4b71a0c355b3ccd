"""The options of the commands that measure, and figures as people read them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import terminal
from htrkit.errors import InputError

if TYPE_CHECKING:
    from htrkit.evaluation.figures.intervals import Figure
    from htrkit.evaluation.report.tables import Table
    from htrkit.readers import Samples

IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore", metavar="WHAT", help="case, punctuation, spaces or lookalikes do not count; may be repeated."
    ),
]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="Resample groups of lines: lines of one hand are not independent. 'line' resamples single lines.",
        show_default="writer, page or form, if the data has it",
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")]
ResamplesOption = Annotated[int, typer.Option("--resamples", min=100, help="Of the bootstrap.")]
TimeLimitOption = Annotated[
    float, typer.Option("--time-limit", min=0.01, help="Seconds that a decoder may take for a line.")
]
MemoryLimitOption = Annotated[
    float | None,
    typer.Option(
        "--memory-limit", min=0.1, help="Gigabytes that a decoder may take.", show_default="half of the machine's"
    ),
]
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache", metavar="FOLDER", help="Where network outputs are kept.", show_default="~/.cache/htrkit"),
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON; the rates are fractions.")]


@contextmanager
def account(samples: Samples, data: Sequence[Path]) -> Iterator[None]:
    """Say what was read and what was skipped when the block has read ``samples``, and which ``data`` cannot be read."""
    try:
        yield
    except InputError as error:
        terminal.note(str(samples.report))
        named = any(str(error).startswith(f"{path}: ") for path in data)
        raise InputError(str(error) if named else f"{', '.join(map(str, data))}: {error}") from None
    terminal.note(str(samples.report))


def put_table(table: Table, title: str) -> None:
    """A table on standard output: ruled on a terminal, plain columns, never cut, when piped."""
    if not sys.stdout.isatty():
        terminal.put(f"{title}\n{terminal.table(table.header, table.rows)}\n")
        return
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    ruled = RichTable(title=title, title_justify="left")
    for name, numeric in zip(table.header, table.numeric, strict=True):
        ruled.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        ruled.add_row(*map(Text, row))
    Console().print(ruled)


def interval(figure: Figure) -> str:
    """``4.80 to 5.61 %``, or a dash."""
    if figure.low is None or figure.high is None:
        return "-"
    return f"{figure.low:.2%} to {figure.high:.2%}"
