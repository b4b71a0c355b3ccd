"""The training loop: data in, epochs with checkpoints, a model folder out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from htrkit.errors import InputError
from htrkit.evaluation import calibrating
from htrkit.files import digest
from htrkit.foreign import try_first
from htrkit.model import Model, load_model, open_model
from htrkit.options import show
from htrkit.progress import Progress
from htrkit.resources import is_foreign
from htrkit.training import given
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.choosing import choose
from htrkit.training.data import Data, read_data
from htrkit.training.epochs import LINES_READ, finished, train_epochs
from htrkit.training.export import export
from htrkit.training.network import trained_network
from htrkit.training.refitting import refitted
from htrkit.training.settings import TrainSettings
from htrkit.training.tensorboard import summary_writer
from htrkit.training.validation import recognizer_of

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
    chosen = choose(wanted, given.architecture_of(base) if base else None)
    settings = given.begin(out, {**chosen, **wanted}, base)
    if chosen:
        told = ", ".join(f"{name.replace('_', ' ')} {show(value)}" for name, value in chosen.items())
        progress.note(f"chosen for this data: {told}")
    return train(settings, progress, base)


def resume(out: Path, changes: Mapping[str, Any], progress: Progress) -> Model:
    """Go on with the run in ``out``, with the changes that this call asks for."""
    return train(given.resume(out, Checkpoints.of_run(out, resumed=True).load().settings, changes), progress)


def train(settings: TrainSettings, progress: Progress, base: Model | None = None) -> Model:
    """Train until the epochs or the patience run out, then write the best epoch's network as a model; that of the
    model that it started from, if no epoch reads better. If the settings want it, the network is then trained
    anew, with the validation data too, several times, and averaged.

    The checkpoints and ``history.csv`` are under ``settings.out / "training"``. A run that is killed at any moment and
    then resumed ends as it would have ended.

    Raises UsageError if the folder holds a run already and ``resume`` is not asked for, or the other way round; or if
    another process trains in it; InputError if there is nothing to train or validate on; HtrkitError if a checkpoint
    cannot be written, or the loss is no longer a number.
    """
    run = Checkpoints.of_run(settings.out, resumed=settings.resume)
    if settings.tensorboard:
        summary_writer()
    with run.claimed():
        state = run.load() if settings.resume else RunState({})
        state.settings = given.as_json(settings)
        run.save_state(state)
        if not finished(state, settings):
            train_epochs(settings, run, state, progress, base=base)
        if state.start and not state.best_epoch:
            progress.note(f"no epoch reads better than {settings.start_from}: the model keeps its weights")
        data = _data_again(settings, run, progress)
        model = _written(settings, run, state, data, progress)
        return refitted(settings, run, state, data, model, progress) if settings.refit else model


def _written(
    settings: TrainSettings, run: Checkpoints, state: RunState, data: Data | None, progress: Progress
) -> Model:
    """The model with a calibration found on some of its validation lines, if there are enough words on them."""
    progress.begin("writing the model")
    model = export(settings, [(run, state)], progress, data)
    if data is None:
        return model
    try:
        fit = calibrating.calibrate(recognizer_of(model, model.decoder), data.judging(), progress=progress)
    except InputError:  # no word was read
        return model
    return load_model(calibrating.save(fit, model)) if fit.words >= FEWEST_WORDS else model


def _data_again(settings: TrainSettings, run: Checkpoints, progress: Progress) -> Data | None:
    """What the run has read; None, which is told, if it was finished before and its data is gone."""
    try:
        return read_data(settings, settings.architecture.create().input_rule, run.folder / LINES_READ, progress)
    except InputError as error:
        progress.note(f"{'neither in integers nor' if settings.quantize else 'not'} calibrated: {error}")
        return None
