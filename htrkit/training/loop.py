"""The training loop: data in, epochs with checkpoints, a model folder out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from htrkit import plugins
from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.errors import InputError, UsageError
from htrkit.model import Model, load_model
from htrkit.preprocess.steps import build_steps
from htrkit.readers import open_samples
from htrkit.resources import resource
from htrkit.training.augment import LINES, Augmentation
from htrkit.training.batches import Batches
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.ctc_model import ctc_model
from htrkit.training.devices import n_devices, shared_among
from htrkit.training.example import Example
from htrkit.training.export import export
from htrkit.training.freezing import compile_for, thaw_epoch
from htrkit.training.joining import Joiner
from htrkit.training.mixing import Mix, parse_sources
from htrkit.training.optimizer import take_averages
from htrkit.training.prepare import Prepared, examples, hold_out, prepare
from htrkit.training.settings import TrainSettings
from htrkit.training.start import start_from
from htrkit.training.tensorboard import Logs, summary_writer
from htrkit.training.torch_cpu import take_torch_kernels
from htrkit.training.watcher import Progress, Watcher, out_of_patience


def train(settings: TrainSettings, progress: Progress) -> Model:
    """Train until the epochs or the patience run out, then write the best epoch's network as a model.

    The checkpoints and ``history.csv`` are under ``settings.out / "training"``.

    Raises
    ------
    UsageError
        If the folder holds a run already and ``resume`` is not asked for, or the other way round; or if another
        process trains in it.
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
    resumed = checkpoints.load() if settings.resume else None
    if resumed and _finished(resumed, settings):
        return export(settings, resumed)
    return export(settings, _train(settings, checkpoints, resumed, progress))


def _train(settings: TrainSettings, checkpoints: Checkpoints, resumed: RunState | None, progress: Progress) -> RunState:
    """Train; return the state after the last epoch."""
    if settings.tensorboard:
        summary_writer()
    started = load_model(resource("model", settings.start_from)) if settings.start_from and not resumed else None
    architecture = plugins.create("architecture", settings.architecture, **settings.architecture_options)
    rule: InputRule = architecture.input_rule
    devices = n_devices(settings.devices, settings.batch_size)
    if devices > 1:
        progress.note(f"every batch is shared among {devices} devices")
    data = _read_data(settings, rule, progress)
    joins = settings.join > 0.0 and rule.width is None
    if resumed:
        state = resumed
        alphabet = Alphabet(state.alphabet)
    else:
        texts = [item.text for items in (data.train, *data.mix) for item in items] + [" "] * joins
        alphabet = Alphabet(settings.alphabet) if settings.alphabet else _alphabet(texts, started)
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
        calm_from=settings.epochs - settings.calm_epochs,
        joiner=Joiner([*train_examples, *mix.examples], int(alphabet.encode(" ")[0]), settings.join) if joins else None,
        mix=mix,
        multiple=devices,
        workers=settings.workers,
    )
    batches.start_epoch(state.epoch)
    logs = Logs(Path(settings.tensorboard), len(batches), state.epoch) if settings.tensorboard else None
    with checkpoints.claimed(), _precision(settings.precision), shared_among(devices):
        model = ctc_model(architecture, alphabet.n_labels)
        take_torch_kernels(model.network)
        compile_for(model, settings, max(1, state.epoch), len(batches))
        if state.epoch:
            checkpoints.load_weights(model, state.epoch)
        elif started:
            anew = start_from(model.network, alphabet, started)
            what = f"; new characters: {' '.join(anew)}" if anew else ""
            progress.note(f"starting from {settings.start_from}{what}")
        if not resumed:
            checkpoints.start(state)
        watcher = Watcher(settings, checkpoints, state, batches, valid_examples, rule, alphabet, progress, logs)
        thaw = thaw_epoch(settings)
        while not _finished(state, settings):
            if 0 < state.epoch == thaw:
                take_averages(model)
                compile_for(model, settings, state.epoch + 1, len(batches))
                progress.note("nothing is frozen from here on")
            until = thaw if state.epoch < thaw else settings.epochs
            # the batches shuffle themselves, reproducibly
            how = {"epochs": until, "initial_epoch": state.epoch, "shuffle": False, "verbose": 0}
            model.fit(batches, callbacks=[watcher], **how)
    if logs:
        logs.close()
    return state


def _finished(state: RunState, settings: TrainSettings) -> bool:
    return state.epoch >= settings.epochs or out_of_patience(state, settings)


def resume_settings(out: Path, changes: Mapping[str, Any]) -> TrainSettings:
    """The settings of the run in ``out``, with the changes that this call asks for."""
    checkpoints = Checkpoints(out / "training")
    if not checkpoints.exists():
        raise UsageError(f"{out} has no training run to resume")
    return TrainSettings.resumed(out, checkpoints.load().settings, changes)


def _alphabet(texts: Sequence[str], started: Model | None) -> Alphabet:
    """The characters of the texts, after those of the model that the run starts from."""
    known = started.alphabet.characters if started else ""
    return Alphabet(known + "".join(c for c in Alphabet.from_texts(texts).characters if c not in known))


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
