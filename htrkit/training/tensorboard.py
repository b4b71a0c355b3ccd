"""What a training run writes for TensorBoard to draw, whatever the backend."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from htrkit.encoders.input import Ink
from htrkit.errors import UsageError

FIGURES = {"loss": "train/loss", "valid_cer": "valid/CER", "valid_wer": "valid/WER", "valid_exact": "valid/exact"}


class Logs:
    """Writes the figures of every epoch, the loss along the way, and what the network reads.

    What an interrupted run wrote after the steps that are ``done`` is dropped. Raises UsageError as `summary_writer`.
    """

    def __init__(self, folder: Path, steps: int, done: int) -> None:
        self._writer = summary_writer()(str(folder), purge_step=done + 1)
        self._steps, self._step = steps, done

    def step(self, loss: float) -> None:
        """A step is done; the epoch's mean loss so far."""
        self._step += 1
        self._writer.add_scalar("train/loss_so_far", loss, self._step)

    def epoch(self, row: dict[str, float], learning_rate: float, read: Sequence[tuple[Ink, str, str]]) -> None:
        """An epoch is done: its row of the history, and a few (ink, truth, reading) of the validation data."""
        step = self._step = int(row["epoch"]) * self._steps
        for name, tag in FIGURES.items():
            self._writer.add_scalar(tag, row[name], step)
        self._writer.add_scalar("train/learning_rate", learning_rate, step)
        width = max((ink.shape[1] for ink, _, _ in read), default=1)
        column = [np.pad(1.0 - ink, ((2, 2), (0, width - ink.shape[1])), constant_values=1.0) for ink, _, _ in read]
        if column:
            self._writer.add_image("valid/lines", np.concatenate(column), step, dataformats="HW")
        table = "\n".join(f"| {_cell(truth)} | {_cell(reading)} |" for _, truth, reading in read)
        self._writer.add_text("valid/readings", f"| text | reading |\n|---|---|\n{table}", step)
        self._writer.flush()

    def close(self) -> None:
        """Nothing more will come."""
        self._writer.close()


def summary_writer() -> Any:
    """The class that writes; asked for before any data is read, it is missed before anybody has waited.

    Raises UsageError if its package is not installed.
    """
    try:
        return importlib.import_module("tensorboardX").SummaryWriter
    except ModuleNotFoundError as error:
        raise UsageError(f"--tensorboard needs {error.name}: pip install tensorboardX tensorboard") from error


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
