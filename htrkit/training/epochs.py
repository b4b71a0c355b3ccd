"""One run of epochs: data and a start in, checkpoints out."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path

import keras

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.errors import InputError, UsageError
from htrkit.model import Model, open_model
from htrkit.progress import Progress
from htrkit.training import given
from htrkit.training.augment import LINES, Augmentation
from htrkit.training.batches import Batches
from htrkit.training.card import base_facts
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.data import Data, Example, check_left_out, examples, read_data, say_left_out
from htrkit.training.devices import computing, n_devices
from htrkit.training.joining import Joiner
from htrkit.training.mixing import Mix
from htrkit.training.network import ctc_model, start_from
from htrkit.training.optimizer import compile_for, take_averages, thaw_epoch
from htrkit.training.settings import TrainSettings
from htrkit.training.tensorboard import Logs
from htrkit.training.timing import in_faster_precision
from htrkit.training.validation import Validation
from htrkit.training.watcher import Watcher, out_of_patience
from htrkit.training.word_cuts import recombiner

LINES_READ, WORDS = "lines.json", "words.json"


def train_epochs(
    settings: TrainSettings,
    run: Checkpoints,
    state: RunState,
    progress: Progress,
    *,
    base: Model | None = None,
    data: Data | None = None,
    refit: int = 0,
) -> None:
    """Train until the end; ``state`` then is the one after the last epoch.

    Parameters
    ----------
    base
        The model that the settings start from, if it has been opened.
    data
        What is learnt from, if it has been read.
    refit
        The number of a refit, which learns from the validation data too, and is not validated; its ``settings.seed`` is
        so much higher than that of the run before it.
    """
    architecture = settings.architecture.create()
    rule: InputRule = architecture.input_rule
    devices = n_devices(settings.devices, settings.batch_size)
    if devices > 1:
        progress.note(f"every batch is shared among {devices} devices")
    fresh = not run.has_weights(state)
    if fresh and settings.start_from and base is None:
        base = open_model(settings.start_from)
    data = data or read_data(settings, rule, run.folder / LINES_READ, progress)
    if refit:
        data = data.with_validation()
    elif not data.valid:
        raise InputError("nothing to validate on: there is one sample, or one group of them; name some with --valid")
    if not state.alphabet:
        state.alphabet, state.words = _characters(settings, data, rule, base)
    alphabet = Alphabet(state.alphabet)
    batches = _batches(settings, data, alphabet, rule, devices, progress, checked=not refit)
    validation = _validation(settings, data, alphabet, rule)
    del data
    progress.note(
        f"{batches.n_own} training and {len(validation.examples)} validation samples; "
        f"{settings.epochs} epochs of {batches.steps} steps"
    )
    if not refit:  # whose precision was found before
        settings = in_faster_precision(settings, architecture, alphabet.n_labels, batches.typical_width, progress)
        state.settings = given.as_json(settings)
    done = state.epoch * batches.steps + state.step
    logged = closing(Logs(Path(settings.tensorboard), batches.steps, done)) if settings.tensorboard else nullcontext()
    keras.utils.set_random_seed(settings.seed - refit)  # networks that are averaged have to begin as one
    with logged as logs, computing(settings.precision, devices):
        model = ctc_model(architecture, alphabet.n_labels)
        epoch = state.epoch + 1 if state.step else max(1, state.epoch)
        compile_for(model, settings, epoch, batches.steps)
        watcher = Watcher(settings, run, state, batches, validation, progress, logs)
        if fresh:
            if base:
                state.base = base_facts(base)
                anew = start_from(architecture, model.network, alphabet, base)
                what = f"; new characters: {' '.join(anew)}" if anew else ""
                progress.note(f"starting from {settings.start_from}{what}")
                watcher.set_model(model)
                watcher.validate_start()
        else:
            run.load_weights(model, state.epoch, state.step)
        batches.recombiner = recombiner(settings, state, batches, alphabet, model.network, run.folder / WORDS, progress)
        if fresh:
            run.save(model, state)
        if state.under_way and state.under_way.steps != batches.steps:
            state.under_way = None  # other batches, now: none of them has been seen
        _fit(settings, run, state, model, batches, watcher, epoch)


def _fit(
    settings: TrainSettings,
    run: Checkpoints,
    state: RunState,
    model: keras.Model,
    batches: Batches,
    watcher: Watcher,
    epoch: int,
) -> None:
    """Train a model that has the weights of a state, and is compiled for an epoch, until the end."""
    thaw = thaw_epoch(settings)
    while not finished(state, settings):
        if epoch == state.epoch == thaw:
            take_averages(model)
            compile_for(model, settings, thaw + 1, batches.steps)
            watcher.progress.note("nothing is frozen from here on")
        until = state.epoch + 1 if state.step else thaw if state.epoch < thaw else settings.epochs
        batches.start_epoch(state.epoch, state.step)
        # the batches shuffle themselves, reproducibly
        how = {"epochs": until, "initial_epoch": state.epoch, "shuffle": False, "verbose": 0}
        model.fit(batches, callbacks=[watcher], **how)
        epoch = state.epoch
        run.load_weights(model, epoch)  # Keras leaves the average in the place of the weights


def finished(state: RunState, settings: TrainSettings) -> bool:
    """Whether there is nothing more to train."""
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
    settings: TrainSettings,
    data: Data,
    alphabet: Alphabet,
    rule: InputRule,
    devices: int,
    progress: Progress,
    *,
    checked: bool,
) -> Batches:
    sources = []
    for items in (data.train, *data.mix):
        kept, left_out = examples(items, alphabet, rule)
        say_left_out(left_out, progress)
        if checked and items is data.train:
            check_left_out(settings, len(kept), left_out)
        sources.append(kept)
    own, *mixed = sources
    if not own:
        raise InputError(f"nothing to train on: none of {len(data.train)} samples can be learnt from")
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
    if data.valid and (column := settings.valid_group):
        groups = [line.groups.get(column, "") for line in data.valid]
        if not any(groups):
            columns = ", ".join(sorted({name for line in data.valid for name in line.groups})) or "none"
            raise UsageError(f"--valid-group: the validation data has no column {column}; its columns are: {columns}")
    lines = [Example(line.image, alphabet.encode(""), line.text) for line in data.valid]
    return Validation(lines, groups, rule, alphabet, settings.batch_size)
