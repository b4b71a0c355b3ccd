"""Progress of a training run that nobody watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Quiet:
    """Progress that remembers, and can be made to interrupt."""

    def __init__(self, interrupt_in_epoch: int | None = None, after_steps: int = 1) -> None:
        self.notes: list[str] = []
        self.epochs: list[tuple[Mapping[str, float], Sequence[tuple[str, str]]]] = []
        self.begun: list[str] = []
        self.interrupt_in_epoch, self.after_steps = interrupt_in_epoch, after_steps
        self.epoch = self.steps = 0

    def note(self, message: str) -> None:
        self.notes.append(message)

    def begin(self, what: str, total: int | None = None) -> None:
        self.begun.append(what)

    def done(self, count: int = 1) -> None:
        pass

    def epoch_started(self, epoch: int, epochs: int, steps: int, done: int) -> None:
        self.epoch, self.steps = epoch, done

    def step(self, loss: float) -> None:
        self.steps += 1
        if self.epoch == self.interrupt_in_epoch and self.steps >= self.after_steps:
            raise KeyboardInterrupt

    def epoch_ended(self, row: Mapping[str, float], readings: Sequence[tuple[str, str]]) -> None:
        self.epochs.append((row, readings))
