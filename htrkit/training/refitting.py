"""A network trained anew with what was held out, too: several times, and averaged.

Source: M. Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time", ICML 2022.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from htrkit.errors import HtrkitError
from htrkit.model import Model, amend, load_model, open_model
from htrkit.progress import SILENCE, Progress
from htrkit.training import given
from htrkit.training.card import base_facts
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.data import Data
from htrkit.training.epochs import finished, train_epochs
from htrkit.training.export import export
from htrkit.training.quantizing import in_integers
from htrkit.training.settings import TrainSettings
from htrkit.training.watcher import ends_better
from htrkit.training.word_cuts import finds_words

FOLDER = "refit"
"""What the names of the refits' folders begin with, in that of their run."""
OF_A_CALL = ("refit", "quantize", "workers", "devices", "patience", "tensorboard")
"""Settings that may differ: a refit that is done stays as it is."""


def refitted(
    settings: TrainSettings, run: Checkpoints, state: RunState, data: Data | None, model: Model, progress: Progress
) -> Model:
    """The model of a run, trained anew from where that began, with the validation data too; or as it is, which is told,
    if the last epoch reads no better than where the run began, or what it began with or learnt from is gone.

    Nothing is left that could choose an epoch, or calibrate: there are as many epochs as before, and the calibration is
    that which was found without that data.
    """
    if not ends_better(state):
        progress.note(f"not refitted: the last epoch reads no better than {settings.start_from}")
        return model
    precision = state.settings["precision"]  # which was found to be faster
    recombine = settings.recombine if finds_words(state) else 0.0
    settings = replace(settings, epochs=state.epoch, precision=precision, recombine=recombine, tensorboard=None)
    refits: list[tuple[Checkpoints, RunState]] = []
    for number in range(1, settings.refit + 1):
        of_refit = replace(settings, seed=settings.seed + number)
        checkpoints = Checkpoints(run.folder / f"{FOLDER}-{number}")
        with checkpoints.claimed():
            refit = _state(checkpoints, given.as_json(of_refit))
            if not finished(refit, of_refit):
                if data is None:
                    progress.note("not refitted: the data is gone")
                    return model
                try:
                    base = open_model(settings.start_from)
                except HtrkitError as error:
                    progress.note(f"not refitted: {error}")
                    return model
                if state.base and base_facts(base)["sha256"] != state.base["sha256"]:
                    progress.note(f"not refitted: {settings.start_from} is another model than the run began from")
                    return model
                if refits:
                    refit.alphabet, refit.words = refits[0][1].alphabet, refits[0][1].words
                checkpoints.save_state(refit)
                progress.note(f"anew, with the validation data too: {number} of {settings.refit}")
                train_epochs(of_refit, checkpoints, refit, progress, base=base, data=data, refit=number)
        refits.append((checkpoints, refit))
    progress.begin("writing the model")
    settings = replace(settings, quantize=in_integers(model))
    # what this network reads of that data would be taken for a figure
    made = export(settings, refits, SILENCE, data, judged=state)
    calibration = {"temperature": model.temperature, "line_exponent": model.line_exponent}
    return load_model(amend(made, "its calibration", **calibration))


def _state(checkpoints: Checkpoints, settings: Mapping[str, object]) -> RunState:
    """Where a refit stands; at the beginning, if it is none of these settings."""
    state = checkpoints.load() if checkpoints.begun() else RunState({})
    if any(state.settings.get(name) != value for name, value in settings.items() if name not in OF_A_CALL):
        checkpoints.clear()
        state = RunState({})
    state.settings = dict(settings)
    return state
