"""Trials of Optuna's search over a decoder's options; an interrupted one goes on to find what an unbroken one finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from htrkit.evaluation.contest.isolation import DecoderError
from htrkit.evaluation.contest.search_space import Dimension
from htrkit.journal import Journal
from htrkit.options import show
from htrkit.progress import SILENCE, Progress


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of options that was tried, and the error rate with them, a fraction; or why the decoder failed."""

    options: Mapping[str, object]
    value: float | None
    failure: str = ""

    def __str__(self) -> str:
        options = ", ".join(f"{name}={show(value)}" for name, value in self.options.items())
        return f"{options}: {self.failure if self.value is None else f'{self.value:.2%}'}"


def search(
    dimensions: Sequence[Dimension],
    rate: Callable[[Mapping[str, object]], float],
    trials: int,
    *,
    seed: int,
    journal: Path,
    progress: Progress = SILENCE,
) -> tuple[Trial, ...]:
    """Trials by a tree-structured Parzen estimator; what the options are when nothing is said comes first.

    ``rate`` gives the error rate with some options, or raises `DecoderError` where the decoder fails. So many trials
    are made, those in the journal of an earlier, interrupted run included.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    distributions: dict[str, BaseDistribution] = {one.option: one.values for one in dimensions}
    study = optuna.create_study()
    with closing(Journal(journal, partial(_parsed, dimensions), asdict)) as tried:
        for trial in tried.rows:
            study.add_trial(_frozen(trial, distributions))
        progress.done(len(tried.rows))
        while (number := len(tried.rows)) < trials:
            # seeded anew for every trial, so that a run that goes on draws what an unbroken one would have drawn
            study.sampler = optuna.samplers.TPESampler(seed=seed + number)
            if number == 0 and all(one.default in one for one in dimensions):
                trial = _tried({one.option: one.default for one in dimensions}, rate)
                study.add_trial(_frozen(trial, distributions))
            else:
                asked = study.ask(distributions)
                trial = _tried(asked.params, rate)
                study.tell(asked, trial.value, state=_state(trial))
            tried.add(trial)
            progress.note(f"trial {number + 1}: {trial}")
            progress.done()
        return tuple(tried.rows[:trials])


def _tried(options: Mapping[str, object], rate: Callable[[Mapping[str, object]], float]) -> Trial:
    try:
        return Trial(options, rate(options))
    except DecoderError as error:
        return Trial(options, None, str(error))


def _parsed(dimensions: Sequence[Dimension], values: Any) -> Trial:
    """A trial from the journal, if it is one of this search."""
    options = {one.option: values["options"][one.option] for one in dimensions}
    value = None if values["value"] is None else float(values["value"])
    if not (all(options[one.option] in one for one in dimensions) and 0 <= (value or 0) < math.inf):
        raise ValueError(f"{options}: {value}")
    return Trial(options, value, str(values["failure"]))


def _frozen(trial: Trial, distributions: dict[str, BaseDistribution]) -> FrozenTrial:
    return create_trial(state=_state(trial), value=trial.value, params=dict(trial.options), distributions=distributions)


def _state(trial: Trial) -> TrialState:
    return TrialState.FAIL if trial.value is None else TrialState.COMPLETE
