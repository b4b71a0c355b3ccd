"""What a training run tells whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Progress(Protocol):
    """Told what is done, as it is done."""

    def note(self, message: str) -> None:
        """Something to tell, in one sentence."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Work on so many lines begins, None if their number is not known; whatever was done before it has ended."""

    def done(self, count: int = 1) -> None:
        """So many more lines are done."""

    def epoch_started(self, epoch: int, epochs: int, steps: int, done: int) -> None:
        """An epoch of so many steps begins, or goes on after those that are done."""

    def step(self, loss: float) -> None:
        """A step is done; the epoch's mean loss so far."""

    def epoch_ended(self, row: Mapping[str, float], readings: Sequence[tuple[str, str]]) -> None:
        """The epoch's row of the history, and a few (truth, reading) pairs of the validation data."""
