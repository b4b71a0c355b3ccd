"""Progress of a training run that nobody watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from htrkit.progress import Progress


class Quiet(Progress):
    """Progress that remembers, and can be made to interrupt."""

    def __init__(self, interrupt_in_epoch: int | None = None) -> None:
        self.notes: list[str] = []
        self.epochs: list[tuple[Mapping[str, float], Sequence[tuple[str, str]]]] = []
        self.begun: list[str] = []
        self.interrupt_in_epoch = interrupt_in_epoch

    def note(self, message: str) -> None:
        self.notes.append(message)

    def begin(self, what: str, total: int | None = None, unit: str = "lines", already: int = 0) -> None:
        self.begun.append(what)

    def done(self, count: int = 1, said: str = "") -> None:
        if self.begun[-1].startswith(f"epoch {self.interrupt_in_epoch}/"):
            raise KeyboardInterrupt

    def epoch_ended(
        self,
        epoch: str,
        row: Mapping[str, float],
        readings: Sequence[tuple[str, str]],
        start: Mapping[str, float] | None = None,
    ) -> None:
        self.epochs.append((row, readings))
