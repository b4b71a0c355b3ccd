"""The bar that shows how far the reading is, on standard error, when somebody is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Task


class Bar(Protocol):
    """Told of what is done."""

    def done(self, count: int = 1) -> None:
        """So many more are done."""

    def at(self, done: int, total: int) -> None:
        """So many are done of those that are known."""


class NoBar:
    """Nobody is looking."""

    def done(self, count: int = 1) -> None:
        """So many more are done."""

    def at(self, done: int, total: int) -> None:
        """So many are done of those that are known."""


@contextmanager
def bar(what: str, total: int | None, *, unit: str = "lines", beside_results: bool = False) -> Iterator[Bar]:
    """A progress bar while the block runs.

    Parameters
    ----------
    total
        How many are expected, None if that is not known.
    unit
        What is counted.
    beside_results
        Whether results go to standard output meanwhile; if that is a terminal, they show the progress themselves.
    """
    if not sys.stderr.isatty() or (beside_results and sys.stdout.isatty()):
        yield NoBar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counted]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(what, total=total, counted="")

        class RichBar:
            def done(self, count: int = 1) -> None:
                shown = progress.tasks[task]
                self.at(int(shown.completed) + count, shown.total)

            def at(self, done: int, total: float | None) -> None:
                progress.update(task, completed=done, total=total)
                progress.update(task, counted=_counted(progress.tasks[task], unit))

        yield RichBar()


def _counted(task: Task, unit: str) -> str:
    """``412/966 · 31 lines/s · 0:18 left``."""
    parts = [f"{task.completed:.0f}" + (f"/{task.total:.0f}" if task.total is not None else "")]
    if task.speed:
        parts.append(f"{task.speed:.{0 if task.speed >= 10 else 1}f} {unit}/s")
    if task.time_remaining is not None:
        minutes, seconds = divmod(round(task.time_remaining), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return " · ".join(parts)
