"""Find the options with which a decoder reads best, and make them a model's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from htrkit.errors import UsageError
from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.contest.decode_all import AllDecoded, decode_all
from htrkit.evaluation.contest.entries import Entry, Scorer
from htrkit.evaluation.contest.isolation import DecoderError, Limits
from htrkit.evaluation.contest.journal_path import journal_path
from htrkit.evaluation.contest.pairs import Pair, pair_up
from htrkit.evaluation.encoded.cached_encoder import CachedEncoder
from htrkit.evaluation.figures.frames import frame
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.metrics import Errors
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.files import user_cache
from htrkit.model import amend, open_model
from htrkit.model_spec import model_spec
from htrkit.progress import SILENCE, Progress
from htrkit.threads import cpu_threads
from htrkit.types import Sample

if TYPE_CHECKING:
    import pandas

    from htrkit.evaluation.contest.trials import Trial

Rate = Literal["cer", "wer"]


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
    notes
        What is odd about the data.
    complete
        Whether no line failed before the decoder.
    """

    model: str
    minimised: Rate
    trials: tuple[Trial, ...]
    best: Contender
    before: Entry
    after: Entry
    pair: Pair | None
    notes: tuple[str, ...]
    complete: bool

    @property
    def decoder(self) -> str:
        """The best decoder as ``--decoder`` and a model's description take it: ``beam-lm:alpha=0.5,beta=1``."""
        return self.best.label

    def to_frame(self) -> pandas.DataFrame:
        """One row a trial; needs pandas."""
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
    progress: Progress = SILENCE,
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
    model, preprocess, rules, resampling, limits, cache, threads, progress
        As `compare_decoders` takes them; the seed of ``resampling`` is that of the trials too.

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
    from htrkit.evaluation.contest.search_space import parse_space
    from htrkit.evaluation.contest.trials import search

    contender = Contender.of(decoder)
    dimensions = parse_space(contender, list(space))
    cache, resampling = cache or user_cache(), resampling or Resampling()
    encoded = CachedEncoder(model, cache=cache, preprocess=preprocess, threads=threads).encode(samples, progress)
    scorer = Scorer(encoded, rules, resampling)
    processes = cpu_threads(threads)

    def decode(one: Contender) -> AllDecoded:
        return decode_all(one, encoded.model.alphabet, encoded.outputs, limits=limits, processes=processes)

    def rate(options: Mapping[str, object]) -> float:
        errors = Errors.of(scorer.errors(decode(contender.varied(options))))
        return errors.cer if minimise == "cer" else errors.wer

    settings = (dimensions, minimise, rules, resampling.seed, "tune")
    path = journal_path(cache / "runs", contender, encoded.outputs.keys, *settings)
    progress.begin(f"tuning {contender.name} by {minimise.upper()}", trials, "trials")
    tried = search(dimensions, rate, trials, seed=resampling.seed, journal=path, progress=progress)
    good = [trial for trial in tried if trial.value is not None]
    if not good:
        raise DecoderError(f"{contender.label} failed with all options: {tried[0].failure}")
    best = contender.varied(min(good, key=lambda trial: trial.value or 0.0).options)
    scored = scorer.score([(one, decode(one)) for one in {one.label: one for one in (contender, best)}.values()])
    path.unlink(missing_ok=True)
    before, after = scored[contender.label], scored[best.label]
    about = (encoded.notes, all(line.key for line in encoded.lines))
    if getattr(after.evaluation, minimise).value >= getattr(before.evaluation, minimise).value:
        return Tuning(encoded.model.name, minimise, tried, contender, before, before, None, *about)
    (pair,) = pair_up([after, before])
    return Tuning(encoded.model.name, minimise, tried, best, before, after, pair, *about)


def save(tuning: Tuning, model: str | Path | None) -> Path:
    """Make the tuned decoder the model's own; the folder of the model is returned.

    Raises ModelError if the model cannot be written to, or may not name a file that the decoder reads.
    """
    found = open_model(model)
    model_spec(found, "decoder", tuning.decoder)
    return amend(found, "a decoder", decoder=tuning.decoder)
