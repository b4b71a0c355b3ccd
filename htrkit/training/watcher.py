"""What Keras calls along the way: checkpoints within an epoch, validation after it, and an end out of patience."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np

from htrkit.errors import HtrkitError
from htrkit.progress import Progress
from htrkit.training.batches import Batches
from htrkit.training.checkpoints import Checkpoints, RunState, UnderWay
from htrkit.training.history import chosen_by
from htrkit.training.optimizer import averaged
from htrkit.training.settings import TrainSettings
from htrkit.training.tensorboard import Logs
from htrkit.training.validation import Readings, Validation

SAMPLES_SHOWN = 5
SAVED_EVERY = 900.0
"""Seconds between two checkpoints."""


class Watcher(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps a run's state up to date, and tells the progress of it."""

    def __init__(
        self,
        settings: TrainSettings,
        checkpoints: Checkpoints,
        state: RunState,
        batches: Batches,
        validation: Validation,
        progress: Progress,
        logs: Logs | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.checkpoints, self.state = settings, checkpoints, state
        self.batches, self.validation, self.progress, self.logs = batches, validation, progress, logs
        self.started = self.saved = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shuffle, or go on where a checkpoint within the epoch was made."""
        self.started = self.saved = time.monotonic()
        if under_way := self.state.under_way:
            self.started -= under_way.seconds
            for variable, value in zip(self.model.metrics_variables, under_way.loss, strict=True):
                variable.assign(value)
        self.batches.start_epoch(epoch, self.state.step)
        self.progress.begin(f"epoch {epoch + 1}/{self.settings.epochs}", self.batches.steps, "steps", self.state.step)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Make the random choices of the next steps their own."""
        step = self.batches.first + batch
        if step % self.batches.stretch == 0:
            _reseed(self.model.network, (self.settings.seed, self.state.epoch, step))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Report, keep a checkpoint when it is time, and end the run if the loss is no longer a number."""
        loss = float((logs or {})["loss"])
        if not np.isfinite(loss):
            raise HtrkitError(
                f"the loss became {loss} in epoch {self.state.epoch + 1}; "
                "the last checkpoint is kept: resume with a lower --learning-rate"
            )
        self.progress.done(1, f"loss {loss:.3f}")
        if self.logs:
            self.logs.step(loss)
        done, now = self.batches.first + batch + 1, time.monotonic()
        if self.batches.may_begin_at(done) and now - self.saved >= SAVED_EVERY:
            losses = [float(keras.ops.convert_to_numpy(variable)) for variable in self.model.metrics_variables]
            self.state.under_way = UnderWay(done, self.batches.steps, losses, round(now - self.started, 1))
            self.checkpoints.save(self.model, self.state)
            self.saved = now

    def validate_start(self) -> None:
        """Read the validation data, if there is any, with the weights that a model gave: what every epoch is compared
        with.
        """
        if not self.validation.examples:
            return
        self.state.start = {"epoch": 0, **self.validation.figures(self._validated()), "seconds": 0.0}
        self.progress.note(
            f"{self.settings.start_from} reads the validation data with a CER of {self.state.start['valid_cer']:.2%}"
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Validate, checkpoint, report."""
        readings = self._validated()
        row = {"epoch": epoch + 1, "loss": round(float((logs or {})["loss"]), 5), **self.validation.figures(readings)}
        better = not readings or chosen_by(row) < min(map(chosen_by, self.state.rows), default=np.inf)
        self.state.history.append(row | {"seconds": round(time.monotonic() - self.started, 1)})
        self.state.under_way = None
        if better:
            self.state.best_epoch = self.state.epoch
        self.checkpoints.save(self.model, self.state)
        shown = np.random.default_rng(epoch).choice(len(readings), min(SAMPLES_SHOWN, len(readings)), replace=False)
        epochs = f"epoch {epoch + 1}/{self.settings.epochs}"
        self.progress.epoch_ended(epochs, self.state.history[-1], [readings[i] for i in shown], self.state.start)
        if self.logs:
            learning_rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            lines = [(self.batches.rule.fit(self.validation.examples[i].pixels), *readings[i]) for i in shown]
            self.logs.epoch(row, learning_rate, lines)
        if out_of_patience(self.state, self.settings):
            self.model.stop_training = True

    def _validated(self) -> Readings:
        if not self.validation.examples:
            return []
        self.progress.begin("validating", len(self.validation.examples))
        with averaged(self.model):
            return self.validation.read(self.model.network, self.progress.done)


def out_of_patience(state: RunState, settings: TrainSettings) -> bool:
    """Whether as many epochs as ``settings.patience`` have gone by without a better CER."""
    return state.epoch - state.best_epoch >= settings.patience


def ends_better(state: RunState) -> bool:
    """Whether the last epoch, too, reads better than the model that the run started from."""
    return not state.start or chosen_by(state.history[-1]) < chosen_by(state.start)


def _reseed(network: keras.Model, seed: tuple[int, ...]) -> None:
    """Let what is dropped out depend on the step alone, so that a resumed run is the run it would have been."""
    draws = np.random.default_rng(seed)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
            layer.seed_generator.state.assign(draws.integers(0, 2**31, 2))
    if keras.config.backend() == "torch":  # whose dropout asks no layer's generator, but its own
        import torch

        torch.manual_seed(int(draws.integers(0, 2**31)))
