"""What a training run tells whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Progress(Protocol):
    """Told what is done, as it is done."""

    def note(self, message: str) -> None:
        """Something to tell, in one sentence."""

    def begin(self, what: str, total: int | None = None, unit: str = "lines", already: int = 0) -> None:
        """Work begins, on a number of lines or steps if it is known; whatever was done before it has ended."""

    def done(self, count: int = 1, said: str = "") -> None:
        """So many more are done, and something to be shown beside their number."""

    def epoch_ended(self, epoch: str, row: Mapping[str, float], readings: Sequence[tuple[str, str]]) -> None:
        """``epoch 2/9`` is done: its row of the history, and a few (truth, reading) of the validation data."""
