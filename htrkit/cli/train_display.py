"""What a training run shows: a bar for the epoch at hand, a line for each epoch done, and what the network reads."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from htrkit.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress

SMOOTHING = 0.02
"""Weight of the newest step in the loss that is shown, so that the figure can be read."""


class TrainDisplay:
    """Shows a training run on standard error; the bar only on a terminal, the lines everywhere."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._epochs = 0
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
        self._epochs, self._loss = epochs, None
        self._show(f"epoch {epoch}/{epochs}", steps, 0)

    def step(self, loss: float) -> None:
        """One batch is done."""
        self._loss = loss if self._loss is None else self._loss + SMOOTHING * (loss - self._loss)
        if self._bar and self._bar.task_ids:
            self._bar.update(self._bar.task_ids[-1], advance=1, said=f"loss {self._loss:.3f}")

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
