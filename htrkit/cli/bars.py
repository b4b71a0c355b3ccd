"""How far a long command is: a bar on a terminal, elsewhere a line a minute, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from htrkit.cli import terminal
from htrkit.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from htrkit.types import Failed

EVERY = 60.0
"""Seconds from one line to the next."""


class Bar:
    """Told of what is done; this one shows nothing, because nobody is looking."""

    def __init__(self, total: int | None = None, already: int = 0) -> None:
        self.count, self.total = already, total

    def done(self, count: int = 1, said: str = "") -> None:
        """So many more are done; ``said`` is shown beside their number."""
        self.at(self.count + count, self.total, said)

    def at(self, done: int, total: int | None, said: str = "") -> None:
        """So many are done of those that are known."""
        self.count, self.total = done, total


class Lines(Bar):
    """A line for a log file, whenever one is due: ``reading: 412/966 · 31 lines/s · 0:18 left``."""

    def __init__(self, what: str, total: int | None, unit: str, already: int) -> None:
        super().__init__(total, already)
        self.what, self.unit, self.already = what, unit, already
        self.started = time.monotonic()
        self.due = self.started + EVERY

    def at(self, done: int, total: int | None, said: str = "") -> None:
        """So many are done of those that are known."""
        super().at(done, total, said)
        now = time.monotonic()
        if now >= self.due and done != total:
            self.due = now + EVERY
            speed = (done - self.already) / (now - self.started)
            terminal.note(f"{self.what}: {_counted(done, total, speed, self.unit, said)}")


class OnTerminal(Bar):
    """A bar that moves."""

    def __init__(self, progress: RichProgress, what: str, total: int | None, unit: str, already: int) -> None:
        super().__init__(total, already)
        self._task = progress.add_task(what, total=total, counted="", completed=already)
        self._progress, self._unit = progress, unit

    def at(self, done: int, total: int | None, said: str = "") -> None:
        """So many are done of those that are known."""
        super().at(done, total, said)
        self._progress.update(self._task, completed=done, total=total)
        speed = self._progress.tasks[self._task].speed
        self._progress.update(self._task, counted=_counted(done, total, speed, self._unit, said))


class Display(ExitStack, Progress):
    """Shows the progress of a command, a bar for each part of its work; tells what it is told; counts ``failures``."""

    failures = 0
    _bar = Bar()

    def begin(self, what: str, total: int | None = None, unit: str = "lines", already: int = 0) -> None:
        """Other work begins."""
        self.close()
        self._bar = self.enter_context(bar(what, total, unit=unit, already=already))

    def done(self, count: int = 1, said: str = "") -> None:
        """So much more is done."""
        self._bar.done(count, said)

    def failed(self, failed: Failed) -> None:
        """A line is lost: it is named, and counted."""
        self.failures += 1
        terminal.failed(str(failed), failed.error, alone=False)

    def note(self, message: str) -> None:
        """Something that whoever waits should know."""
        terminal.note(message)


@contextmanager
def bar(
    what: str, total: int | None, *, unit: str = "lines", already: int = 0, beside_results: bool = False
) -> Iterator[Bar]:
    """Show how far the block is while it runs: what is counted, of how many if that is known, some of them done
    earlier.

    Results that go to a terminal meanwhile (``beside_results``) show the progress themselves.
    """
    if beside_results and sys.stdout.isatty():
        yield Bar()
        return
    if not sys.stderr.isatty():
        yield Lines(what, total, unit, already)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counted]}"))
    with RichProgress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        yield OnTerminal(progress, what, total, unit, already)


def _counted(count: float, total: float | None, speed: float | None, unit: str, said: str) -> str:
    """``412/966 · 31 lines/s · 0:18 left``."""
    parts = [f"{count:.0f}" + (f"/{total:.0f}" if total is not None else ""), said]
    if speed:
        parts.append(f"{speed:.{0 if speed >= 10 else 1}f} {unit}/s")
        if total is not None:
            minutes, seconds = divmod(round(max(0.0, total - count) / speed), 60)
            parts.append(f"{minutes}:{seconds:02} left")
    return " · ".join(filter(None, parts))
