"""What a training run shows: how far it is, a line for each epoch done, and what the network reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from htrkit.cli import terminal
from htrkit.cli.bars import Display
from htrkit.training.history import MEAN, by_group


class TrainDisplay(Display):
    """Shows a training run on standard error."""

    def epoch_ended(
        self,
        epoch: str,
        row: Mapping[str, float],
        readings: Sequence[tuple[str, str]],
        start: Mapping[str, float] | None = None,
    ) -> None:
        """An epoch is done, and validated if there was data for it; ``readings`` are a few (truth, reading) of that."""
        self.close()
        validated = ""
        if readings:
            began = f" (began with {start['valid_cer']:.2%})" if start else ""
            validated = (
                f"CER {row['valid_cer']:.2%}{began}  WER {row['valid_wer']:.2%}  exact {row['valid_exact']:.2%}  "
            )
        terminal.note(f"{epoch}  loss {row['loss']:.3f}  {validated}{row['seconds']:.0f} s")
        if groups := by_group(row):
            terminal.note(f"    CER by group: {groups}; mean {row[MEAN]:.2%}")
        width = max((len(truth) for truth, _ in readings), default=0)
        for truth, reading in readings:
            terminal.note(f"    {truth:{width}}  {' ' if truth == reading else '≠'}  {reading}")
