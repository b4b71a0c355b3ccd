"""Compare decoders: encode once, decode with each of them, score them together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from htrkit.errors import UsageError
from htrkit.evaluation.cache import default_folder
from htrkit.evaluation.comparison import Comparison, Entry, LeftOut, Sweep, pair_up
from htrkit.evaluation.contenders import Contender, parse_contenders, parse_sweep
from htrkit.evaluation.decode_runs import DecodeRuns, Stage, quiet
from htrkit.evaluation.intervals import Resampling
from htrkit.evaluation.isolation import DecoderError
from htrkit.evaluation.outputs import CachedEncoder
from htrkit.evaluation.rules import AS_WRITTEN, TextRules
from htrkit.evaluation.scoring import Scoring
from htrkit.evaluation.watch import Limits
from htrkit.types import Sample


def compare_decoders(
    samples: Iterable[Sample],
    decoders: Sequence[str | Contender],
    *,
    model: str | Path | None = None,
    preprocess: Sequence[str] | None = None,
    n_best: int = 10,
    sweep: str | None = None,
    rules: TextRules = AS_WRITTEN,
    resampling: Resampling | None = None,
    limits: Limits | None = None,
    cache: Path | None = None,
    threads: int = 0,
    data: Sequence[str] = (),
    stage: Stage = quiet,
) -> Comparison:
    """Compare decoders on the outputs of one network.

    Parameters
    ----------
    samples
        As `htrkit.readers.open_samples` gives them; read once.
    decoders
        ``beam``, ``word-beam: beam_width=50, lexicon=english``, or contenders.
    model, preprocess
        As `Recognizer.load` takes them.
    n_best
        Hypotheses to ask for, for the oracle.
    sweep
        ``beam_width=1,5,25``: every decoder with this option is also read with each of these values.
    rules, resampling
        How texts are compared, and intervals drawn.
    limits
        How long a decoder may take.
    cache
        A folder for network outputs and for what a killed run had decoded.
    threads
        CPU threads of the encoder, and processes of each decoder, which is timed on one thread; 0 for one a core.
    data
        What to call the data.
    stage
        Told of the progress.

    Returns
    -------
    Comparison
        Of the decoders that could be made and read most lines; the others are in ``left_out``.

    Raises
    ------
    InputError
        If there is nothing to measure.
    UsageError
        If no decoder is left, or ``resampling.by`` is a group that not every line has.
    DecoderError
        If all of them fail.
    """
    contenders, refused = parse_contenders(decoders)
    if not contenders:
        raise refused[0][1] if refused else UsageError("there is no decoder to compare")
    option, series = parse_sweep(sweep, contenders) if sweep else ("", [])
    cache = default_folder() if cache is None else cache
    encoder = CachedEncoder(model, cache=cache, preprocess=preprocess, threads=threads)
    with stage("encoding", None) as done:
        encoded = encoder.encode(samples, done)
    scoring = Scoring(encoded, rules, resampling or Resampling())
    everyone = {one.label: one for one in [*contenders, *(variant for variants in series for variant in variants)]}
    processes = threads or os.cpu_count() or 1
    with DecodeRuns(
        encoded, cache / "runs", n_best=n_best, limits=limits or Limits(), processes=processes, stage=stage
    ) as runs:
        decoded = runs.decode(everyone.values())
        entries, totals, sums = scoring.entries(decoded)
        took_part = [entries[one.label] for one in contenders if one.label in entries]
        if not took_part:
            raise DecoderError("no decoder could take part: " + "; ".join(map(_reason, runs.left_out)))
        comparison = Comparison(
            model=encoded.model.name,
            alphabet=encoded.model.alphabet.characters,
            preprocess=encoded.preprocess,
            data=tuple(data),
            n=len(scoring.readings),
            characters=took_part[0].evaluation.characters,
            words=took_part[0].evaluation.words,
            units=took_part[0].evaluation.units,
            rules=rules,
            resampling=scoring.resampling,
            n_best=n_best,
            entries=tuple(took_part),
            left_out=(*(LeftOut(text, str(error)) for text, error in refused), *runs.left_out),
            pairs=pair_up(took_part, totals, sums),
            sweeps=tuple(_swept(option, variants, entries) for variants in series),
            encoder=encoded.speed,
            positions=tuple(scoring.kept),
            keys=tuple(encoded.lines[i].key for i in scoring.kept),
            notes=(*encoded.notes, *scoring.notes, *_failures(took_part)),
        )
        runs.finish()
    return comparison


def _swept(option: str, variants: Sequence[Contender], entries: Mapping[str, Entry]) -> Sweep:
    points = tuple((one.options[option], entries[one.label]) for one in variants if one.label in entries)
    first = variants[0]
    others = {key: value for key, value in first.options.items() if key != option}
    return Sweep(option, replace(first, options=others).label, points)


def _failures(entries: Iterable[Entry]) -> list[str]:
    return [
        f"{entry.label} failed on {len(entry.failed)} lines, which count as read empty "
        f"(first: {entry.failed[0][0]}: {entry.failed[0][1]})"
        for entry in entries
        if entry.failed
    ]


def _reason(left_out: LeftOut) -> str:
    return f"{left_out.label}: {left_out.reason}"
