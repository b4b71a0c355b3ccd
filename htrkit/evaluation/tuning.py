"""Find the options with which a decoder reads best; what it found is what a killed run would have found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from htrkit.errors import ModelError, UsageError
from htrkit.evaluation.cache import default_folder
from htrkit.evaluation.comparison import Entry, Pair, pair_up
from htrkit.evaluation.contenders import Contender, parse_contender
from htrkit.evaluation.decode_all import AllDecoded, decode_all
from htrkit.evaluation.decode_runs import Stage, quiet
from htrkit.evaluation.intervals import Resampling
from htrkit.evaluation.isolation import DecoderError
from htrkit.evaluation.journal import journal_path
from htrkit.evaluation.metrics import Errors
from htrkit.evaluation.outputs import CachedEncoder, Encoded
from htrkit.evaluation.rules import AS_WRITTEN, TextRules
from htrkit.evaluation.scoring import Scoring
from htrkit.evaluation.search_space import Dimension, parse_space
from htrkit.evaluation.watch import Limits
from htrkit.model import load_model, save_description
from htrkit.model_spec import model_spec
from htrkit.options import show
from htrkit.resources import resource
from htrkit.types import Sample

if TYPE_CHECKING:
    import optuna
    import pandas

Rate = Literal["cer", "wer"]
Told = Callable[["Trial", int], None]


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


@dataclass(frozen=True, slots=True)
class Tuning:
    """The outcome of tuning.

    Attributes
    ----------
    model
        What the lines were read with.
    minimised
        ``cer`` or ``wer``.
    trials
        In order.
    best
        The decoder with the best options; as it was, if nothing better was found.
    before, after
        How it reads as it was, and with the best options; the lines are those that the options were chosen on, so that
        other lines will gain a little less.
    pair
        The paired difference, ``after`` first; None if nothing better was found.
    """

    model: str
    minimised: Rate
    trials: tuple[Trial, ...]
    best: Contender
    before: Entry
    after: Entry
    pair: Pair | None

    @property
    def decoder(self) -> str:
        """The decoder as a model's description has it, ``beam-lm:alpha=0.5:beta=1``."""
        return ":".join([self.best.name, *(f"{key}={show(value)}" for key, value in self.best.options.items())])

    def to_frame(self) -> pandas.DataFrame:
        """One row a trial; needs pandas."""
        from htrkit.evaluation.frames import frame

        return frame({**trial.options, self.minimised: trial.value, "failure": trial.failure} for trial in self.trials)


def tune(
    samples: Iterable[Sample],
    decoder: str | Contender,
    space: Sequence[str],
    *,
    trials: int = 50,
    minimise: Rate = "cer",
    model: str | Path | None = None,
    preprocess: Sequence[str] | None = None,
    rules: TextRules = AS_WRITTEN,
    resampling: Resampling | None = None,
    limits: Limits | None = None,
    cache: Path | None = None,
    threads: int = 0,
    stage: Stage = quiet,
    told: Told = lambda trial, number: None,
) -> Tuning:
    """Try options and keep the best, with Optuna's tree-structured Parzen estimator.

    Parameters
    ----------
    samples
        A validation set: lines that the network was not trained on and that no figure is reported on later.
    decoder
        By name, with options that stay as they are.
    space
        ``alpha=0:2``, ``beam_width=1:100:log``, ``mode=words,ngrams``.
    trials
        How many sets of options to try, those of an earlier, interrupted run included.
    minimise
        The error rate that counts.
    model, preprocess, rules, resampling, limits, cache, threads, stage
        As `compare_decoders` takes them; the seed of ``resampling`` is that of the trials too.
    told
        Called with every trial and its number, from 1.

    Raises
    ------
    UsageError
        If Optuna is missing, or the decoder, an option or a range is no such thing.
    InputError
        If there is nothing to measure.
    DecoderError
        If the decoder fails with every set of options.
    """
    if find_spec("optuna") is None:
        raise UsageError("tuning needs optuna; install it with: pip install 'htrkit[tune]'")
    contender = parse_contender(decoder) if isinstance(decoder, str) else decoder.checked()
    parse_space(contender, list(space))  # what is wrong with it should be said before the network runs
    cache = default_folder() if cache is None else cache
    encoder = CachedEncoder(model, cache=cache, preprocess=preprocess, threads=threads)
    with stage("encoding", None) as done:
        encoded = encoder.encode(samples, done)
    return tune_encoded(
        encoded,
        contender,
        space,
        trials=trials,
        minimise=minimise,
        rules=rules,
        resampling=resampling,
        limits=limits,
        cache=cache,
        threads=threads,
        stage=stage,
        told=told,
    )


def tune_encoded(
    encoded: Encoded,
    contender: Contender,
    space: Sequence[str],
    *,
    trials: int,
    minimise: Rate,
    rules: TextRules,
    resampling: Resampling | None,
    limits: Limits | None,
    cache: Path,
    threads: int,
    stage: Stage,
    told: Told,
) -> Tuning:
    """`tune` on network outputs that are there already; ``cache`` keeps the trials of an interrupted run."""
    dimensions = parse_space(contender, list(space))
    resampling, limits = resampling or Resampling(), limits or Limits()
    scoring = Scoring(encoded, rules, resampling)
    read = _Reader(encoded, scoring, limits, minimise, threads or os.cpu_count() or 1)
    settings = (dimensions, minimise, rules, resampling.seed, "tune")
    path = journal_path(cache / "runs", contender, encoded.outputs.keys, *settings)
    journal = _TrialJournal(path)
    with stage(f"tuning {contender.name}", trials) as done:
        _search(contender, dimensions, trials, resampling.seed, journal, read, done, told)
    good = [trial for trial in journal.trials if trial.value is not None]
    if not good:
        raise DecoderError(f"{contender.label} failed with all options: {journal.trials[0].failure}")
    best = min(good, key=lambda trial: trial.value or 0.0)
    tuning = _tuning(read, contender, best, journal.trials[:trials], minimise)
    path.unlink(missing_ok=True)
    return tuning


def save(tuning: Tuning, model: str | Path | None) -> Path:
    """Make the tuned decoder the model's own; the folder of the model is returned.

    Raises
    ------
    ModelError
        If the model cannot be written to, or may not name a file that the decoder reads.
    """
    found = load_model(resource("model", model))
    model_spec(found, "decoder", tuning.decoder)
    try:
        save_description(replace(found, decoder=tuning.decoder))
    except OSError as error:
        raise ModelError(f"cannot write to {found.folder}: {error.strerror or error}; copy the model first") from error
    return found.folder


@dataclass(frozen=True, slots=True)
class _Reader:
    encoded: Encoded
    scoring: Scoring
    limits: Limits
    minimise: Rate
    processes: int

    def decode(self, contender: Contender) -> AllDecoded:
        alphabet, outputs = self.encoded.model.alphabet, self.encoded.outputs
        return decode_all(contender, alphabet, outputs, limits=self.limits, processes=self.processes)

    def rate(self, contender: Contender) -> float:
        decoded = self.decode(contender)
        lines = [decoded.lines[i] for i in self.scoring.kept]
        errors = Errors.of(self.scoring.errors(i, line) for i, line in enumerate(lines))
        return errors.cer if self.minimise == "cer" else errors.wer


class _TrialJournal:
    """The trials so far, a line each; half a line at the end is of a killed run and is cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trials: list[Trial] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        whole = [row for row in rows if row.endswith(b"\n")]
        for row in whole:
            values = json.loads(row)
            self.trials.append(Trial(values["options"], values["value"], values["failure"]))
        path.write_bytes(b"".join(whole))

    def add(self, trial: Trial) -> None:
        self.trials.append(trial)
        values = {"options": dict(trial.options), "value": trial.value, "failure": trial.failure}
        with self._path.open("ab") as file:
            file.write(json.dumps(values).encode() + b"\n")


def _search(
    contender: Contender,
    dimensions: Sequence[Dimension],
    trials: int,
    seed: int,
    journal: _TrialJournal,
    read: _Reader,
    done: Callable[[int], None],
    told: Told,
) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    distributions = {one.option: one.distribution() for one in dimensions}
    study = optuna.create_study()
    for trial in journal.trials:
        study.add_trial(_frozen(trial, distributions))
    done(len(journal.trials))
    while len(journal.trials) < trials:
        number = len(journal.trials)
        # seeded anew for every trial, so that a run that goes on draws what an unbroken one would have drawn
        study.sampler = optuna.samplers.TPESampler(seed=seed + number)
        if number == 0 and all(one.default in one for one in dimensions):
            trial = _tried(contender, {one.option: one.default for one in dimensions}, read)
            study.add_trial(_frozen(trial, distributions))
        else:
            asked = study.ask(distributions)
            trial = _tried(contender, asked.params, read)
            study.tell(asked, trial.value, state=_state(trial))
        journal.add(trial)
        told(trial, len(journal.trials))
        done(1)


def _tried(contender: Contender, options: Mapping[str, object], read: _Reader) -> Trial:
    try:
        return Trial(options, read.rate(replace(contender, options={**contender.options, **options})))
    except DecoderError as error:
        return Trial(options, None, str(error))


def _frozen(
    trial: Trial, distributions: Mapping[str, optuna.distributions.BaseDistribution]
) -> optuna.trial.FrozenTrial:
    import optuna

    return optuna.trial.create_trial(
        state=_state(trial), value=trial.value, params=dict(trial.options), distributions=dict(distributions)
    )


def _state(trial: Trial) -> optuna.trial.TrialState:
    import optuna

    return optuna.trial.TrialState.FAIL if trial.value is None else optuna.trial.TrialState.COMPLETE


def _tuning(read: _Reader, contender: Contender, best: Trial, trials: Sequence[Trial], minimise: Rate) -> Tuning:
    tuned = replace(contender, options={**contender.options, **best.options})
    both = [contender] if tuned == contender else [contender, tuned]
    decoded = [(one, read.decode(one)) for one in both]
    entries, totals, sums = read.scoring.entries(decoded)
    before, after = entries[contender.label], entries[tuned.label]
    name = read.encoded.model.name
    if getattr(after.evaluation, minimise).value >= getattr(before.evaluation, minimise).value:
        return Tuning(name, minimise, tuple(trials), contender, before, before, None)
    (pair,) = pair_up([after, before], totals, sums)
    return Tuning(name, minimise, tuple(trials), tuned, before, after, pair)
