"""What long work tells whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from htrkit.types import Failed


class Progress:
    """Told what is done, as it is done. This one keeps it to itself; others say what they want to."""

    def begin(self, what: str, total: int | None = None, unit: str = "lines", already: int = 0) -> None:
        """Work begins, on a number of lines or steps if it is known; whatever was done before it has ended."""

    def done(self, count: int = 1, said: str = "") -> None:
        """So many more are done, and something to be shown beside their number."""

    def failed(self, failed: Failed) -> None:
        """A line is lost, and nothing else."""

    def note(self, message: str) -> None:
        """Something to tell, in one sentence."""

    def epoch_ended(
        self,
        epoch: str,
        row: Mapping[str, float],
        readings: Sequence[tuple[str, str]],
        start: Mapping[str, float] | None = None,
    ) -> None:
        """``epoch 2/9`` is done: its row of the history, a few (truth, reading) of the validation data, and the figures
        of the model that the run started from.
        """


SILENCE = Progress()
