"""What a training run shows: a bar for the epoch at hand, a line for each epoch done, and what the network reads."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from htrkit.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress

SMOOTHING = 0.02
"""Weight of the newest step in the loss that is shown, so that the figure can be read."""

FIRST_LINE, NEXT_LINE = 30.0, 300.0
"""Seconds from the beginning of an epoch to a line that tells how far it is, and from there to the next one."""


class TrainDisplay:
    """Shows a training run on standard error: a bar on a terminal, elsewhere a line every few minutes."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._epoch, self._epochs = 0, 0
        self._steps, self._step = 0, 0
        self._started, self._due = 0.0, 0.0
        self._loss: float | None = None

    def __enter__(self) -> TrainDisplay:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[said]}"),
                TimeRemainingColumn(compact=True),
                console=Console(stderr=True),
                transient=True,
                redirect_stdout=False,
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def reading(self, what: str, done: int) -> None:
        """So many images of the training or validation data have been read."""
        self._show(f"reading {what}", None, done)

    def note(self, message: str) -> None:
        """Something that whoever trains should know."""
        terminal.note(message)

    def epoch_started(self, epoch: int, epochs: int, steps: int) -> None:
        """An epoch, counted from 1, begins."""
        self._epoch, self._epochs, self._loss = epoch, epochs, None
        self._steps, self._step = steps, 0
        self._started = time.monotonic()
        self._due = self._started + FIRST_LINE
        self._show(f"epoch {epoch}/{epochs}", steps, 0)

    def step(self, loss: float) -> None:
        """One batch is done."""
        self._loss = loss if self._loss is None else self._loss + SMOOTHING * (loss - self._loss)
        self._step += 1
        if self._bar and self._bar.task_ids:
            self._bar.update(self._bar.task_ids[-1], advance=1, said=f"loss {self._loss:.3f}")
        elif not self._bar and self._step < self._steps and time.monotonic() >= self._due:
            self._say_how_far()

    def epoch_ended(self, row: dict[str, float], readings: Sequence[tuple[str, str]]) -> None:
        """An epoch is done and validated; ``readings`` are a few (truth, reading) of the validation data."""
        terminal.note(
            f"epoch {row['epoch']:.0f}/{self._epochs}  loss {row['loss']:.3f}  CER {row['valid_cer']:.2%}  "
            f"WER {row['valid_wer']:.2%}  exact {row['valid_exact']:.2%}  {row['seconds']:.0f} s"
        )
        width = max((len(truth) for truth, _ in readings), default=0)
        for truth, reading in readings:
            mark = " " if truth == reading else "≠"
            terminal.note(f"    {truth:{width}}  {mark}  {reading}")

    def _say_how_far(self) -> None:
        now = time.monotonic()
        self._due = now + NEXT_LINE
        left = round((now - self._started) / self._step * (self._steps - self._step))
        terminal.note(
            f"epoch {self._epoch}/{self._epochs}  step {self._step}/{self._steps}  loss {self._loss:.3f}  "
            f"{left // 60}:{left % 60:02} left of this epoch"
        )

    def _show(self, what: str, total: int | None, done: int) -> None:
        if not self._bar:
            return
        tasks = [task for task in self._bar.tasks if task.description == what]
        if tasks:
            self._bar.update(tasks[0].id, completed=done)
            return
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._bar.add_task(what, total=total, completed=done, said="")
