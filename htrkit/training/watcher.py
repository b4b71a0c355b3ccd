"""After every epoch: validation, checkpoint, report; and an end where patience runs out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

import keras
import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.best_path import BestPath
from htrkit.encoders.input import InputRule
from htrkit.errors import HtrkitError
from htrkit.evaluation.figures.metrics import Errors, count_errors
from htrkit.training.batches import Batches, padded_width, stack
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.example import Example
from htrkit.training.optimizer import averaged
from htrkit.training.settings import TrainSettings
from htrkit.training.tensorboard import Logs

SAMPLES_SHOWN = 5


class Progress(Protocol):
    """What a training run tells whoever watches it."""

    def reading(self, what: str, done: int) -> None:
        """So many ``what`` samples have been read and preprocessed."""

    def note(self, message: str) -> None:
        """Something to tell, in one sentence."""

    def epoch_started(self, epoch: int, epochs: int, steps: int) -> None:
        """An epoch of so many steps begins."""

    def step(self, loss: float) -> None:
        """A step is done; the epoch's mean loss so far."""

    def epoch_ended(self, row: dict[str, float], readings: Sequence[tuple[str, str]]) -> None:
        """The epoch's row of the history, and a few (truth, reading) pairs of the validation data."""


class Watcher(keras.callbacks.Callback):  # type: ignore[misc]
    """What Keras calls along the way: after every epoch, validate, checkpoint, report, and stop out of patience."""

    def __init__(
        self,
        settings: TrainSettings,
        checkpoints: Checkpoints,
        state: RunState,
        batches: Batches,
        valid: Sequence[Example],
        rule: InputRule,
        alphabet: Alphabet,
        progress: Progress,
        logs: Logs | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.checkpoints, self.state = settings, checkpoints, state
        self.batches, self.valid = batches, valid
        self.rule, self.alphabet, self.progress, self.logs = rule, alphabet, progress, logs
        self.started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shuffle, and make the epoch's random choices its own."""
        self.started = time.monotonic()
        self.batches.start_epoch(epoch)
        _reseed(self.model.network, self.settings.seed, epoch)
        self.progress.epoch_started(epoch + 1, self.settings.epochs, self.params["steps"])

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Report, and end the run if the loss is no longer a number."""
        loss = float((logs or {})["loss"])
        if not np.isfinite(loss):
            raise HtrkitError(
                f"the loss became {loss} in epoch {self.state.epoch + 1}; "
                "the last checkpoint is kept: resume with a lower --learning-rate"
            )
        self.progress.step(loss)
        if self.logs:
            self.logs.step(loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Validate, checkpoint, report."""
        with averaged(self.model):
            readings = read(self.model.network, self.valid, self.rule, self.alphabet, self.settings.batch_size)
        errors = count_errors(readings)
        best = min((row["valid_cer"] for row in self.state.history), default=np.inf)
        self.state.history.append(_row(epoch + 1, float((logs or {})["loss"]), errors, time.monotonic() - self.started))
        if errors.cer < best:
            self.state.best_epoch = self.state.epoch
        self.checkpoints.save(self.model, self.state)
        shown = np.random.default_rng(epoch).choice(len(readings), min(SAMPLES_SHOWN, len(readings)), replace=False)
        self.progress.epoch_ended(self.state.history[-1], [readings[i] for i in shown])
        if self.logs:
            learning_rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            inks = [self.rule.fit(self.valid[i].pixels) for i in shown]
            read_now = [(ink, *readings[i]) for ink, i in zip(inks, shown, strict=True)]
            self.logs.epoch(self.state.history[-1], learning_rate, read_now)
        if out_of_patience(self.state, self.settings):
            self.model.stop_training = True


def read(
    network: keras.Model, examples: Sequence[Example], rule: InputRule, alphabet: Alphabet, batch_size: int
) -> list[tuple[str, str]]:
    """(truth, best-path reading) of every example, in order."""
    decoder = BestPath(alphabet)
    inks = [rule.fit(example.pixels) for example in examples]
    widths = [rule.width or padded_width(ink.shape[1]) for ink in inks]
    readings = [""] * len(inks)
    for width in sorted(set(widths)):
        alike = [i for i, other in enumerate(widths) if other == width]
        for start in range(0, len(alike), batch_size):
            chosen = alike[start : start + batch_size]
            log_probs = keras.ops.convert_to_numpy(network.predict_on_batch(stack([inks[i] for i in chosen], width)))
            for i, row in zip(chosen, log_probs, strict=True):
                readings[i] = decoder.decode(row[: rule.frames(inks[i].shape[1])])[0].text
    return [(example.text, reading) for example, reading in zip(examples, readings, strict=True)]


def _reseed(network: keras.Model, seed: int, epoch: int) -> None:
    """Let what an epoch drops out depend on its number alone, so that a resumed run is the run it would have been."""
    draws = np.random.default_rng((seed, epoch))
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
            layer.seed_generator.state.assign(draws.integers(0, 2**31, 2))
    # PyTorch's dropout asks no layer's generator, but its own
    keras.utils.set_random_seed(int(draws.integers(0, 2**31)))


def _row(epoch: int, loss: float, errors: Errors, seconds: float) -> dict[str, float]:
    return {
        "epoch": epoch,
        "loss": round(loss, 5),
        "valid_cer": round(errors.cer, 6),
        "valid_wer": round(errors.wer, 6),
        "valid_exact": round(errors.exact, 6),
        "seconds": round(seconds, 1),
    }


def out_of_patience(state: RunState, settings: TrainSettings) -> bool:
    """Whether as many epochs as ``settings.patience`` have gone by without a better CER."""
    return state.epoch - state.best_epoch >= settings.patience
