"""Checkpoints that survive a kill at any moment: a file is whole before anything refers to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
from filelock import FileLock, Timeout

from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import remove_leftovers, whole

STATE = "state.json"
HISTORY = "history.csv"
LOCK = "lock"


@dataclass(slots=True)
class RunState:
    """Where a training run stands after its last whole epoch.

    Attributes
    ----------
    words
        Whether no text of the training data has a space.
    history
        One row an epoch: epoch, loss, valid_cer, valid_wer, valid_exact, seconds.
    best_epoch
        The epoch with the lowest validation CER, 0 before the first.
    """

    alphabet: str
    settings: dict[str, Any]
    words: bool
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return len(self.history)

    @property
    def seconds(self) -> float:
        """Time spent in the epochs done."""
        return sum(row["seconds"] for row in self.history)


class Checkpoints:
    """The folder of a run's checkpoints.

    ``state.json`` names, by their epochs, the weight files of the best and the last epoch. It is replaced, in one
    step, after those files are whole; so whatever happens, it leads to a state to go on from.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Whether there is a run to resume."""
        return (self.folder / STATE).exists()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep other processes from training in this folder; the system gives it free if this one is killed.

        Raises
        ------
        UsageError
            If another process trains in it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            claim = FileLock(self.folder / LOCK).acquire(blocking=False)
        except Timeout:
            raise UsageError(f"another process is training in {self.folder.parent}: name another folder") from None
        with claim:
            remove_leftovers(self.folder)
            yield

    def load(self) -> RunState:
        """The state of the run after its last whole epoch."""
        path = self.folder / STATE
        try:
            return RunState(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"cannot resume from {path}: {error}") from error

    def weights(self, epoch: int) -> Path:
        """The weight file of an epoch."""
        return self.folder / f"epoch-{epoch:04d}.weights.h5"

    def start(self, state: RunState) -> None:
        """Begin a run in the claimed folder: a state without epochs."""
        self._write_state(state)

    def save(self, model: keras.Model, state: RunState) -> None:
        """Keep the weights and the optimizer's state of the epoch that ``state`` ends with.

        Raises
        ------
        HtrkitError
            If they cannot be written, for instance because the disk is full; the earlier checkpoints stay.
        """
        try:
            with whole(self.weights(state.epoch)) as part:
                model.save_weights(part, overwrite=True)
            self._write_state(state)
        except OSError as error:
            raise HtrkitError(
                f"cannot write the checkpoint of epoch {state.epoch} to {self.folder}: {error.strerror or error}; "
                f"epoch {state.epoch - 1} is kept: make room, then go on with --resume"
            ) from error
        needed = {self.weights(state.epoch), self.weights(state.best_epoch)}
        for old in self.folder.glob("epoch-*.weights.h5"):
            if old not in needed:
                old.unlink(missing_ok=True)

    def load_weights(self, model: keras.Model, epoch: int) -> None:
        """Give ``model`` the weights of an epoch, and the optimizer's state if it is compiled."""
        path = self.weights(epoch)
        try:
            model.load_weights(path)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"cannot resume from {path}: {str(error).splitlines()[0]}") from error

    def _write_state(self, state: RunState) -> None:
        with whole(self.folder / STATE) as part:
            part.write_text(json.dumps(asdict(state), ensure_ascii=False, indent=1), encoding="utf-8")
        if state.history:
            with whole(self.folder / HISTORY) as part, part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, fieldnames=list(state.history[0]))
                writer.writeheader()
                writer.writerows(state.history)
