"""Optuna's search over a decoder's options; an interrupted one goes on to find what an unbroken one finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from htrkit.evaluation.contest.isolation import DecoderError
from htrkit.evaluation.contest.search_space import Dimension
from htrkit.files import Journal


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of options that was tried.

    Attributes
    ----------
    options
        Of the options that are tuned.
    value
        The error rate with them, a fraction; None where the decoder failed.
    failure
        Why it failed.
    """

    options: Mapping[str, object]
    value: float | None
    failure: str = ""


class Search:
    """A tree-structured Parzen estimator and its journal.

    Parameters
    ----------
    dimensions
        What may be tried.
    rate
        The error rate with some options; it raises `DecoderError` where the decoder fails.
    seed
        Of the draws.
    journal
        The file that the trials are kept in until `finish`.
    """

    def __init__(
        self, dimensions: Sequence[Dimension], rate: Callable[[Mapping[str, object]], float], seed: int, journal: Path
    ) -> None:
        self._dimensions, self._rate, self._seed = dimensions, rate, seed
        self._journal = Journal(journal, self._trial, _values)
        self._distributions: dict[str, BaseDistribution] = {one.option: one.values for one in dimensions}

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Those so far."""
        return tuple(self._journal.rows)

    def run(self, trials: int, told: Callable[[Trial, int], None]) -> tuple[Trial, ...]:
        """So many trials, those of an earlier, interrupted run included; ``told`` hears of the new ones.

        What the options are when nothing is said comes first.
        """
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study()
        for trial in self._journal.rows:
            study.add_trial(self._frozen(trial))
        while (number := len(self._journal.rows)) < trials:
            # seeded anew for every trial, so that a run that goes on draws what an unbroken one would have drawn
            study.sampler = optuna.samplers.TPESampler(seed=self._seed + number)
            if number == 0 and all(one.default in one for one in self._dimensions):
                trial = self._tried({one.option: one.default for one in self._dimensions})
                study.add_trial(self._frozen(trial))
            else:
                asked = study.ask(self._distributions)
                trial = self._tried(asked.params)
                study.tell(asked, trial.value, state=_state(trial))
            self._journal.add(trial)
            told(trial, number + 1)
        return self.trials[:trials]

    def close(self) -> None:
        """Leave the journal for a later run."""
        self._journal.close()

    def finish(self) -> None:
        """Nothing needs the journal any more."""
        self._journal.remove()

    def _tried(self, options: Mapping[str, object]) -> Trial:
        try:
            return Trial(options, self._rate(options))
        except DecoderError as error:
            return Trial(options, None, str(error))

    def _trial(self, values: Any) -> Trial:
        """A trial from the journal, if it is one of this search."""
        options = {one.option: values["options"][one.option] for one in self._dimensions}
        value = None if values["value"] is None else float(values["value"])
        if not (all(options[one.option] in one for one in self._dimensions) and 0 <= (value or 0) < math.inf):
            raise ValueError(f"{options}: {value}")
        return Trial(options, value, str(values["failure"]))

    def _frozen(self, trial: Trial) -> FrozenTrial:
        return create_trial(
            state=_state(trial), value=trial.value, params=dict(trial.options), distributions=self._distributions
        )


def _values(trial: Trial) -> dict[str, Any]:
    return {"options": dict(trial.options), "value": trial.value, "failure": trial.failure}


def _state(trial: Trial) -> TrialState:
    return TrialState.FAIL if trial.value is None else TrialState.COMPLETE
