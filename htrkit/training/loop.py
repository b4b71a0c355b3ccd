"""The training loop: data in, epochs with checkpoints, a model folder out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from htrkit import plugins
from htrkit.alphabet import Alphabet
from htrkit.decoders.best_path import BestPath
from htrkit.encoders.input import InputRule
from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.evaluation.metrics import Errors, count_errors
from htrkit.model import Model, load_model
from htrkit.preprocess.steps import build_steps
from htrkit.readers import open_samples
from htrkit.recognizer import find_model
from htrkit.training.augment import LINES, Augmentation
from htrkit.training.batches import Batches, padded_width, stack
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.ctc_model import ctc_model
from htrkit.training.example import Example
from htrkit.training.export import export
from htrkit.training.joining import Joiner
from htrkit.training.mixing import Mix, parse_sources
from htrkit.training.optimizer import averaged, optimizer
from htrkit.training.prepare import Prepared, examples, hold_out, prepare
from htrkit.training.settings import TrainSettings
from htrkit.training.start import start_from
from htrkit.training.torch_cpu import take_torch_kernels

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


def train(settings: TrainSettings, progress: Progress) -> Model:
    """Train until the epochs or the patience run out, then write the best epoch's network as a model.

    The checkpoints and ``history.csv`` are under ``settings.out / "training"``.

    Raises
    ------
    UsageError
        If the folder holds a run already and ``resume`` is not asked for, or the other way round.
    InputError
        If there is nothing to train or validate on.
    HtrkitError
        If a checkpoint cannot be written, or the loss is no longer a number.
    """
    checkpoints = Checkpoints(settings.out / "training")
    if checkpoints.exists() != settings.resume:
        raise UsageError(
            f"{settings.out} has no training run to resume"
            if settings.resume
            else f"{settings.out} holds a training run already: go on with --resume, or name another folder"
        )
    architecture = plugins.create("architecture", settings.architecture, **settings.architecture_options)
    rule: InputRule = architecture.input_rule
    data = _read_data(settings, rule, progress)
    joins = settings.join > 0.0 and rule.width is None
    if settings.resume:
        state = checkpoints.load()
        alphabet = Alphabet(state.alphabet)
    else:
        texts = [item.text for items in (data.train, *data.mix) for item in items] + [" "] * joins
        alphabet = Alphabet(settings.alphabet) if settings.alphabet else Alphabet.from_texts(texts)
        state = RunState(alphabet.characters, settings.as_json(), words=not any(" " in text for text in texts))
    joins = joins and " " in alphabet
    train_examples, left_out = examples(data.train, alphabet, rule)
    mixed = [examples(items, alphabet, rule) for items in data.mix]
    mix = Mix(
        [kept for kept, _ in mixed],
        data.mix_weights,
        settings.mix_share,
        settings.mix_share if settings.last_mix_share is None else settings.last_mix_share,
        settings.epochs,
    )
    for kinds in (left_out, *(kinds for _, kinds in mixed)):
        if kinds:
            progress.note("; ".join(f"{k.count} left out: {k.reason} (first: {k.first})" for k in kinds))
    valid_examples = [Example(p.pixels, np.zeros(0, np.int32), p.text) for p in data.valid if p.text]
    if not train_examples or not valid_examples:
        raise InputError(
            f"nothing to {'validate' if train_examples else 'train'} on: "
            f"{len(train_examples)} training and {len(valid_examples)} validation samples could be used"
        )
    progress.note(f"{len(train_examples)} training and {len(valid_examples)} validation samples")

    keras.utils.set_random_seed(settings.seed)
    batches = Batches(
        train_examples,
        rule,
        batch_size=settings.batch_size,
        seed=settings.seed,
        augmentation=(LINES if rule.width is None else Augmentation()) if settings.augment else None,
        joiner=Joiner([*train_examples, *mix.examples], int(alphabet.encode(" ")[0]), settings.join) if joins else None,
        mix=mix,
        workers=settings.workers,
    )
    batches.start_epoch(state.epoch)
    with _precision(settings.precision):
        model = ctc_model(architecture, alphabet.n_labels)
        take_torch_kernels(model.network)
        model.compile(optimizer=optimizer(settings, len(batches)), jit_compile=False)
        model.optimizer.build(model.trainable_variables)
        if state.epoch:
            checkpoints.load_weights(model, state.epoch)
        elif settings.start_from:
            anew = start_from(model.network, alphabet, load_model(find_model(settings.start_from)))
            what = f"; new characters: {' '.join(anew)}" if anew else ""
            progress.note(f"starting from {settings.start_from}{what}")
        if not settings.resume:
            checkpoints.start(state)
        if state.epoch < settings.epochs and not _out_of_patience(state, settings):
            watcher = _Watcher(settings, checkpoints, state, batches, valid_examples, rule, alphabet, progress)
            # the batches shuffle themselves, reproducibly
            how = {"epochs": settings.epochs, "initial_epoch": state.epoch, "shuffle": False, "verbose": 0}
            model.fit(batches, callbacks=[watcher], **how)
    return export(settings, state)


def resume_settings(out: Path, changes: Mapping[str, Any]) -> TrainSettings:
    """The settings of the run in ``out``, with the changes that this call asks for."""
    checkpoints = Checkpoints(out / "training")
    if not checkpoints.exists():
        raise UsageError(f"{out} has no training run to resume")
    return TrainSettings.resumed(out, checkpoints.load().settings, changes)


@dataclass(frozen=True, slots=True)
class _Data:
    """Samples, preprocessed; those of the mix by their source, and the sources' weights."""

    train: list[Prepared]
    valid: list[Prepared]
    mix: list[list[Prepared]]
    mix_weights: list[float]


def _read_data(settings: TrainSettings, rule: InputRule, progress: Progress) -> _Data:
    steps = build_steps(settings.preprocess)

    def read_all(what: str, paths: Sequence[str]) -> list[Prepared]:
        samples = open_samples([Path(path) for path in paths], reader=settings.reader)
        prepared = prepare(samples, steps, rule, lambda done: progress.reading(what, done))
        progress.note(f"{what}: {samples.report}")
        return prepared

    train = read_all("training", settings.data)
    if settings.valid:
        valid = read_all("validation", settings.valid)
    else:
        train, valid = hold_out(train, settings.valid_fraction, settings.valid_by, settings.seed)
    paths, weights = parse_sources(settings.mix)
    return _Data(train, valid, [read_all(f"mix {path}", [path]) for path in paths], weights)


@contextmanager
def _precision(name: str) -> Iterator[None]:
    """What layers that are made within the block compute in."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name if name == "float32" else f"mixed_{name}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


class _Watcher(keras.callbacks.Callback):  # type: ignore[misc]
    """After every epoch: validate, checkpoint, report, and stop when patience runs out."""

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
    ) -> None:
        super().__init__()
        self.settings, self.checkpoints, self.state = settings, checkpoints, state
        self.batches, self.valid = batches, valid
        self.rule, self.alphabet, self.progress = rule, alphabet, progress
        self.started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.started = time.monotonic()
        self.batches.start_epoch(epoch)
        _reseed(self.model.network, self.settings.seed, epoch)
        self.progress.epoch_started(epoch + 1, self.settings.epochs, self.params["steps"])

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        loss = float((logs or {})["loss"])
        if not np.isfinite(loss):
            raise HtrkitError(
                f"the loss became {loss} in epoch {self.state.epoch + 1}; "
                "the last checkpoint is kept: resume with a lower --learning-rate"
            )
        self.progress.step(loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
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
        if _out_of_patience(self.state, self.settings):
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


def _row(epoch: int, loss: float, errors: Errors, seconds: float) -> dict[str, float]:
    return {
        "epoch": epoch,
        "loss": round(loss, 5),
        "valid_cer": round(errors.cer, 6),
        "valid_wer": round(errors.wer, 6),
        "valid_exact": round(errors.exact, 6),
        "seconds": round(seconds, 1),
    }


def _out_of_patience(state: RunState, settings: TrainSettings) -> bool:
    return state.epoch - state.best_epoch >= settings.patience
