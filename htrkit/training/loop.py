"""The training loop: data in, epochs with checkpoints, a model folder out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import keras

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.errors import InputError, UsageError
from htrkit.evaluation import calibrating
from htrkit.files import digest
from htrkit.foreign import try_first
from htrkit.model import Model, load_model, open_model
from htrkit.options import show
from htrkit.progress import Progress
from htrkit.recognizer import Recognizer
from htrkit.resources import is_foreign
from htrkit.spec import Spec
from htrkit.training import given
from htrkit.training.augment import LINES, Augmentation
from htrkit.training.batches import Batches
from htrkit.training.card import base_facts
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.choosing import choose
from htrkit.training.data import Data, Example, check_left_out, examples, read_data, say_left_out
from htrkit.training.devices import computing, n_devices
from htrkit.training.export import export
from htrkit.training.joining import Joiner
from htrkit.training.mixing import Mix
from htrkit.training.network import ctc_model, start_from, trained_network
from htrkit.training.optimizer import compile_for, take_averages, thaw_epoch
from htrkit.training.settings import TrainSettings
from htrkit.training.tensorboard import Logs, summary_writer
from htrkit.training.timing import in_faster_precision
from htrkit.training.validation import Validation
from htrkit.training.watcher import Watcher, out_of_patience
from htrkit.types import Line, Sample

LINES_READ = "lines.json"
CALIBRATE_ON = 500
"""Validation lines, at most."""
FEWEST_WORDS = 100
"""With fewer, a model is left as it is."""


def begin(out: Path, wanted: Mapping[str, Any], progress: Progress) -> Model:
    """Train a new run in ``out`` with the settings that are wanted, as `htrkit.training.given.begin` takes them; the
    others fit the data.
    """
    base = open_model(wanted["start_from"]) if "start_from" in wanted else None
    if base and is_foreign("model", wanted["start_from"]):
        key = digest("trainable", replace(base, folder=Path()))
        try_first(f"model {base.folder}", key, partial(trained_network, base), loading=partial(import_module, __name__))
    chosen = choose(wanted)
    settings = given.begin(out, {**chosen, **wanted}, base)
    if chosen:
        told = ", ".join(f"{name.replace('_', ' ')} {show(value)}" for name, value in chosen.items())
        progress.note(f"chosen for this data: {told}")
    return train(settings, progress, base)


def resume(out: Path, changes: Mapping[str, Any], progress: Progress) -> Model:
    """Go on with the run in ``out``, with the changes that this call asks for."""
    return train(given.resume(out, _run_in(out, resumed=True).load().settings, changes), progress)


def train(settings: TrainSettings, progress: Progress, base: Model | None = None) -> Model:
    """Train until the epochs or the patience run out, then write the best epoch's network as a model; that of the
    model that it started from, if no epoch reads better.

    The checkpoints and ``history.csv`` are under ``settings.out / "training"``. A run that is killed at any moment and
    then resumed ends as it would have ended.

    Raises UsageError if the folder holds a run already and ``resume`` is not asked for, or the other way round; or if
    another process trains in it; InputError if there is nothing to train or validate on; HtrkitError if a checkpoint
    cannot be written, or the loss is no longer a number.
    """
    run = _run_in(settings.out, settings.resume)
    if settings.tensorboard:
        summary_writer()
    with run.claimed():
        state = run.load() if settings.resume else RunState({})
        state.settings = given.as_json(settings)
        run.save_state(state)
        if not _finished(state, settings):
            _train(settings, run, state, base, progress)
        if state.start and not state.best_epoch:
            progress.note(f"no epoch reads better than {settings.start_from}: the model keeps its weights")
        progress.begin("writing the model")
        return _written(settings, run, state, progress)


def _written(settings: TrainSettings, run: Checkpoints, state: RunState, progress: Progress) -> Model:
    """The model with a calibration found on some of its validation lines, if there are enough words on them."""
    model = export(settings, state)
    try:
        data = read_data(settings, model.input_rule, run.folder / LINES_READ, progress)
    except InputError as error:  # the run was finished before, and its data is gone
        progress.note(f"not calibrated: {error}")
        return model
    some = data.valid[:: -(-len(data.valid) // CALIBRATE_ON)]
    samples = (Sample(Line(one.id, one.image.pixels), one.text) for one in some)
    encoder = Spec.parse("encoder", model.encoder).create(model, 0)
    decoder = Spec.parse("decoder", model.decoder).create(model.alphabet)
    recognizer = Recognizer(model, encoder, decoder, (), decoder_name=model.decoder, encoder_name=model.encoder)
    try:
        fit = calibrating.calibrate(recognizer, samples, progress=progress)
    except InputError:  # no word was read
        return model
    return load_model(calibrating.save(fit, model)) if fit.words >= FEWEST_WORDS else model


def _run_in(out: Path, resumed: bool) -> Checkpoints:
    run = Checkpoints(out / "training")
    if resumed and not run.begun():
        raise UsageError(f"{out} has no training run to resume")
    if not resumed and run.begun() and run.has_weights(run.load()):
        raise UsageError(f"{out} holds a training run already: go on with --resume, or name another folder")
    return run


def _train(settings: TrainSettings, run: Checkpoints, state: RunState, base: Model | None, progress: Progress) -> None:
    """Train until the end; ``state`` then is the one after the last epoch."""
    architecture = settings.architecture.create()
    rule: InputRule = architecture.input_rule
    devices = n_devices(settings.devices, settings.batch_size)
    if devices > 1:
        progress.note(f"every batch is shared among {devices} devices")
    fresh = not run.has_weights(state)
    if fresh and settings.start_from and base is None:
        base = open_model(settings.start_from)
    data = read_data(settings, rule, run.folder / LINES_READ, progress)
    if not state.alphabet:
        state.alphabet, state.words = _characters(settings, data, rule, base)
    alphabet = Alphabet(state.alphabet)
    batches = _batches(settings, data, alphabet, rule, devices, progress)
    validation = _validation(settings, data, alphabet, rule)
    del data
    progress.note(
        f"{batches.n_own} training and {len(validation.examples)} validation samples; "
        f"{settings.epochs} epochs of {batches.steps} steps"
    )
    settings = in_faster_precision(settings, architecture, alphabet.n_labels, batches.typical_width, progress)
    state.settings = given.as_json(settings)
    done = state.epoch * batches.steps + state.step
    logs = Logs(Path(settings.tensorboard), batches.steps, done) if settings.tensorboard else None
    keras.utils.set_random_seed(settings.seed)
    with computing(settings.precision, devices):
        model = ctc_model(architecture, alphabet.n_labels)
        epoch = state.epoch + 1 if state.step else max(1, state.epoch)
        compile_for(model, settings, epoch, batches.steps)
        watcher = Watcher(settings, run, state, batches, validation, progress, logs)
        if fresh:
            if base:
                state.base = base_facts(base)
                anew = start_from(model.network, alphabet, base)
                what = f"; new characters: {' '.join(anew)}" if anew else ""
                progress.note(f"starting from {settings.start_from}{what}")
                watcher.set_model(model)
                watcher.validate_start()
            run.save(model, state)
        else:
            run.load_weights(model, state.epoch, state.step)
        if state.under_way and state.under_way.steps != batches.steps:
            state.under_way = None  # other batches, now: none of them has been seen
        thaw = thaw_epoch(settings)
        while not _finished(state, settings):
            if epoch == state.epoch == thaw:
                take_averages(model)
                compile_for(model, settings, thaw + 1, batches.steps)
                progress.note("nothing is frozen from here on")
            until = state.epoch + 1 if state.step else thaw if state.epoch < thaw else settings.epochs
            batches.start_epoch(state.epoch, state.step)
            # the batches shuffle themselves, reproducibly
            how = {"epochs": until, "initial_epoch": state.epoch, "shuffle": False, "verbose": 0}
            model.fit(batches, callbacks=[watcher], **how)
            epoch = state.epoch
            run.load_weights(model, epoch)  # Keras leaves the average in the place of the weights
    if logs:
        logs.close()


def _finished(state: RunState, settings: TrainSettings) -> bool:
    return state.epoch >= settings.epochs or out_of_patience(state, settings)


def _characters(settings: TrainSettings, data: Data, rule: InputRule, base: Model | None) -> tuple[str, bool]:
    """The alphabet, in which the texts' characters follow those of the base; and whether no text has a space."""
    texts = data.texts + [" "] * (settings.join > 0.0 and rule.width is None)
    words = not any(" " in text for text in texts)
    if settings.alphabet:
        return settings.alphabet, words
    known = base.alphabet.characters if base else ""
    return known + "".join(c for c in Alphabet.from_texts(texts).characters if c not in known), words


def _batches(
    settings: TrainSettings, data: Data, alphabet: Alphabet, rule: InputRule, devices: int, progress: Progress
) -> Batches:
    sources = []
    for items in (data.train, *data.mix):
        kept, left_out = examples(items, alphabet, rule)
        say_left_out(left_out, progress)
        if items is data.train:
            check_left_out(settings, len(kept), left_out)
        sources.append(kept)
    own, *mixed = sources
    if not own or not data.valid:
        raise InputError(
            f"nothing to {'validate' if own else 'train'} on: "
            f"{len(own)} training and {len(data.valid)} validation samples could be used"
        )
    everything = [example for source in sources for example in source]
    joins = settings.join > 0.0 and rule.width is None and " " in alphabet
    return Batches(
        everything,
        rule,
        batch_size=settings.batch_size,
        seed=settings.seed,
        augmentation=(LINES if rule.width is None else Augmentation()) if settings.augment else None,
        calm_from=settings.epochs - settings.calm_epochs,
        joiner=Joiner(everything, int(alphabet.encode(" ")[0]), settings.join) if joins else None,
        mix=Mix([len(source) for source in mixed], data.weights, settings.mix_share, settings.epochs),
        multiple=devices,
        workers=settings.workers,
    )


def _validation(settings: TrainSettings, data: Data, alphabet: Alphabet, rule: InputRule) -> Validation:
    groups: list[str] = []
    if column := settings.valid_group:
        groups = [line.groups.get(column, "") for line in data.valid]
        if not any(groups):
            columns = ", ".join(sorted({name for line in data.valid for name in line.groups})) or "none"
            raise UsageError(f"--valid-group: the validation data has no column {column}; its columns are: {columns}")
    lines = [Example(line.image, alphabet.encode(""), line.text) for line in data.valid]
    return Validation(lines, groups, rule, alphabet, settings.batch_size)
