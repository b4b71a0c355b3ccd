"""Progress of a training run that nobody watches."""

from __future__ import annotations

from collections.abc import Sequence


class Quiet:
    """Progress that remembers, and can be made to interrupt."""

    def __init__(self, interrupt_in_epoch: int | None = None) -> None:
        self.notes: list[str] = []
        self.epochs: list[tuple[dict[str, float], Sequence[tuple[str, str]]]] = []
        self.interrupt_in_epoch, self.epoch = interrupt_in_epoch, 0

    def reading(self, what: str, done: int) -> None:
        pass

    def note(self, message: str) -> None:
        self.notes.append(message)

    def epoch_started(self, epoch: int, epochs: int, steps: int) -> None:
        self.epoch = epoch

    def step(self, loss: float) -> None:
        if self.epoch == self.interrupt_in_epoch:
            raise KeyboardInterrupt

    def epoch_ended(self, row: dict[str, float], readings: Sequence[tuple[str, str]]) -> None:
        self.epochs.append((row, readings))
