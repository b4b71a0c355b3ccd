"""Checkpoints that survive a kill at any moment: a file is whole before anything refers to it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
from filelock import FileLock, Timeout

from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import PART, whole
from htrkit.quoting import first_line

STATE = "state.json"
HISTORY = "history.csv"
LOCK = "lock"
WEIGHTS = "epoch-*.weights.h5"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What is done of an epoch that has not ended.

    Attributes
    ----------
    step, steps
        How many steps are done, and how many there are.
    loss
        What Keras adds up for the mean loss.
    seconds
        Time spent in it.
    """

    step: int
    steps: int
    loss: list[float]
    seconds: float


@dataclass(slots=True)
class RunState:
    """Where a training run stands after its last checkpoint.

    Attributes
    ----------
    settings
        As `htrkit.training.given.as_json` gives them.
    alphabet, words
        The characters, none before the data has been read; whether no text of the training data has a space.
    base
        Of the model that the run started from, as `htrkit.training.card.base_facts` gives it.
    start
        The figures of the weights that it began with, if they are a model's; a row of the history without a loss.
    history
        One row an epoch: epoch, loss, valid_cer, valid_wer, valid_exact, seconds.
    best_epoch
        The epoch with the lowest validation CER; 0 for the weights that it began with, before there is a better one.
    under_way
        What is done of the next epoch; None for nothing.
    """

    settings: dict[str, Any]
    alphabet: str = ""
    words: bool = False
    base: dict[str, str] | None = None
    start: dict[str, float] | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    under_way: UnderWay | None = None

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return len(self.history)

    @property
    def step(self) -> int:
        """Steps done of the next epoch."""
        return self.under_way.step if self.under_way else 0

    @property
    def rows(self) -> list[dict[str, float]]:
        """What was validated, in order: the weights that it began with, if they are a model's, and each epoch."""
        return [self.start, *self.history] if self.start else self.history

    @property
    def best(self) -> dict[str, float]:
        """The row of the best epoch."""
        return next(row for row in self.rows if row["epoch"] == self.best_epoch)

    @property
    def seconds(self) -> float:
        """Time spent in the epochs done."""
        return sum(row["seconds"] for row in self.history)


class Checkpoints:
    """The folder of a run's checkpoints.

    ``state.json`` leads to the weight files of the best epoch and of the last checkpoint. It is replaced, in one
    step, after those files are whole; so whatever happens, it leads to a state to go on from.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_run(cls, out: Path, *, resumed: bool) -> Checkpoints:
        """Those of the run whose model goes into a folder; raises UsageError if there is none to resume, or one that
        is not.
        """
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is a file: name a folder")
        run = cls(out / "training")
        if resumed and not run.begun():
            raise UsageError(f"{out} has no training run to resume")
        if not resumed and run.begun() and run.has_weights(run.load()):
            raise UsageError(f"{out} holds a training run already: go on with --resume, or name another folder")
        return run

    def begun(self) -> bool:
        """Whether there is a run to resume."""
        return (self.folder / STATE).exists()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep other processes from training in this folder; the system gives it free if this one is killed.

        A folder that is made for it goes again if the run is refused within the block, before it has any weights.

        Raises UsageError if another process trains in it.
        """
        new, new_parent = not self.folder.exists(), not self.folder.parent.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            claim = FileLock(self.folder / LOCK).acquire(blocking=False)
        except Timeout:
            raise UsageError(f"another process is training in {self.folder.parent}: name another folder") from None
        with claim:
            for part in self.folder.glob(f"{PART}*"):  # of a run that was killed: nobody else writes here
                part.unlink()
            try:
                yield
            except (InputError, UsageError):
                if new and not any(self.folder.glob(WEIGHTS)):
                    shutil.rmtree(self.folder, ignore_errors=True)  # while it is claimed: it may be nobody else's yet
                    if new_parent:
                        with suppress(OSError):  # something else is in it
                            self.folder.parent.rmdir()
                raise

    def clear(self) -> None:
        """Forget the run; the folder stays claimed."""
        for old in self.folder.iterdir():
            if old.name != LOCK:
                old.unlink()

    def load(self) -> RunState:
        """The state of the run after its last checkpoint."""
        path = self.folder / STATE
        try:
            state = RunState(**json.loads(path.read_text(encoding="utf-8")))
            if state.under_way is not None:
                state.under_way = UnderWay(**state.under_way)  # type: ignore[arg-type]  # a dict, from JSON
            if not isinstance(state.settings, dict) or not all(isinstance(row, dict) for row in state.rows):
                raise TypeError("settings or history are not what htrkit writes")
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"cannot resume from {path}: {error}") from error
        return state

    def weights(self, epoch: int, step: int = 0) -> Path:
        """The weight file after so many epochs, and so many steps of the next; 0 are the weights that it began with."""
        return self.folder / f"epoch-{epoch:04d}{f'-step-{step:06d}' if step else ''}.weights.h5"

    def has_weights(self, state: RunState) -> bool:
        """Whether there are weights to go on with: not while the data is read for the first time."""
        return state.epoch + state.step > 0 or self.weights(0).exists()

    def save(self, model: keras.Model, state: RunState) -> None:
        """Keep a state, with the weights and the optimizer's state that the model has now.

        Raises HtrkitError if they cannot be written, for instance because the disk is full; the earlier checkpoints
        stay.
        """
        needed = {self.weights(state.epoch, state.step), self.weights(state.best_epoch)}
        try:
            with whole(self.weights(state.epoch, state.step)) as part:
                model.save_weights(part, overwrite=True)
            self.save_state(state)
        except OSError as error:
            epoch = state.epoch + bool(state.step)
            kept = f"epoch {epoch - 1} is kept: " if epoch > 1 else ""
            raise HtrkitError(
                f"cannot write the checkpoint of epoch {epoch} to {self.folder}: {error.strerror or error}; "
                f"{kept}make room, then go on with --resume"
            ) from error
        for old in self.folder.glob(WEIGHTS):
            if old not in needed:
                old.unlink(missing_ok=True)

    def load_weights(self, model: keras.Model, epoch: int, step: int = 0) -> None:
        """Give ``model`` the weights of a checkpoint, and the optimizer's state if it is compiled."""
        path = self.weights(epoch, step)
        try:
            model.load_weights(path)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"cannot resume from {path}: {first_line(error)}") from error

    def save_state(self, state: RunState) -> None:
        """Keep a state whose weights are kept already, or that has none."""
        with whole(self.folder / STATE) as part:
            part.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
        if state.rows:
            with whole(self.folder / HISTORY) as part, part.open("w", encoding="utf-8", newline="") as file:
                names = dict.fromkeys(key for row in state.rows[::-1] for key in row)
                writer = csv.DictWriter(file, fieldnames=list(names))
                writer.writeheader()
                writer.writerows(state.rows)
