"""What a training run shows: how far the epoch at hand is, a line for each epoch done, and what the network reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType

from htrkit.cli import terminal
from htrkit.cli.progress import Bar, bar

SMOOTHING = 0.02
"""Weight of the newest step in the loss that is shown, so that the figure can be read."""


class TrainDisplay:
    """Shows a training run on standard error."""

    def __init__(self) -> None:
        self._work, self._bar = ExitStack(), Bar()
        self._epochs = 0
        self._loss: float | None = None

    def __enter__(self) -> TrainDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._work.close()

    def note(self, message: str) -> None:
        """Something that whoever trains should know."""
        terminal.note(message)

    def begin(self, what: str, total: int | None = None) -> None:
        """Work on so many lines begins."""
        self._show(bar(what, total))

    def done(self, count: int = 1) -> None:
        """So many more lines are done."""
        self._bar.done(count)

    def epoch_started(self, epoch: int, epochs: int, steps: int, done: int) -> None:
        """An epoch, counted from 1, begins or goes on."""
        self._epochs, self._loss = epochs, None
        self._show(bar(f"epoch {epoch}/{epochs}", steps, unit="steps", already=done))

    def step(self, loss: float) -> None:
        """One batch is done."""
        self._loss = loss if self._loss is None else self._loss + SMOOTHING * (loss - self._loss)
        self._bar.done(1, f"loss {self._loss:.3f}")

    def epoch_ended(self, row: Mapping[str, float], readings: Sequence[tuple[str, str]]) -> None:
        """An epoch is done and validated; ``readings`` are a few (truth, reading) of the validation data."""
        self._work.close()
        terminal.note(
            f"epoch {row['epoch']:.0f}/{self._epochs}  loss {row['loss']:.3f}  CER {row['valid_cer']:.2%}  "
            f"WER {row['valid_wer']:.2%}  exact {row['valid_exact']:.2%}  {row['seconds']:.0f} s"
        )
        groups = {name.removeprefix("cer "): rate for name, rate in row.items() if name.startswith("cer ")}
        if groups:
            cers = "  ".join(f"{group or 'none'} {rate:.2%}" for group, rate in groups.items())
            terminal.note(f"    CER by group: {cers}  mean {row['mean_cer']:.2%}")
        width = max((len(truth) for truth, _ in readings), default=0)
        for truth, reading in readings:
            mark = " " if truth == reading else "≠"
            terminal.note(f"    {truth:{width}}  {mark}  {reading}")

    def _show(self, work: AbstractContextManager[Bar]) -> None:
        """Show other work than until now."""
        self._work.close()
        self._bar = self._work.enter_context(work)
