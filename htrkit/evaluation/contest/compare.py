"""Compare decoders: encode once, decode with each of them, score them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from htrkit.errors import UsageError
from htrkit.evaluation.contest.comparison import Comparison, LeftOut, Sweep
from htrkit.evaluation.contest.contenders import Contender, every_contender, parse_contenders, parse_sweep
from htrkit.evaluation.contest.decode_all import AllDecoded, decode_all, journal_of
from htrkit.evaluation.contest.entries import Entry, Scorer
from htrkit.evaluation.contest.group import Group
from htrkit.evaluation.contest.isolation import DecoderError, Limits
from htrkit.evaluation.contest.journal_path import journal_path
from htrkit.evaluation.contest.pairs import pair_up
from htrkit.evaluation.encoded.cached_encoder import CachedEncoder, EncodedLines
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.files import user_cache
from htrkit.journal import Journal
from htrkit.progress import SILENCE, Progress
from htrkit.threads import cpu_threads
from htrkit.types import Sample


def compare_decoders(
    samples: Iterable[Sample],
    decoders: Sequence[str | Contender] | None = None,
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
    progress: Progress = SILENCE,
) -> Comparison:
    """Compare decoders on the outputs of one network.

    Parameters
    ----------
    samples
        As `htrkit.readers.open_samples` gives them; read once.
    decoders
        ``beam``, ``word-beam:beam_width=50,lexicon=english``, or contenders; None for all that are installed and need
        no options.
    model, preprocess
        As `Recognizer.load` takes them.
    n_best
        Hypotheses to ask for, for the oracle.
    sweep
        ``beam_width=1,5,25``: every decoder with this option is also read with each of these values.
    rules, resampling
        How texts are compared, and intervals drawn.
    limits
        What a decoder may take.
    cache
        A folder for network outputs and for what a killed run had decoded.
    threads
        CPU threads of the encoder, and processes of each decoder, which is timed on one thread; 0 for one a core.
    data
        What to call the data.
    progress
        Told of the lines; those that a step or the network fails on count as lines on which nothing was read.

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
    contenders, refused = parse_contenders(every_contender() if decoders is None else decoders)
    if not contenders:
        raise refused[0][1] if refused else UsageError("there is no decoder to compare")
    option, series = parse_sweep(sweep, contenders) if sweep else ("", [])
    cache = user_cache() if cache is None else cache
    encoder = CachedEncoder(model, cache=cache, preprocess=preprocess, threads=threads)
    encoded = encoder.encode(samples, progress)
    scorer = Scorer(encoded, rules, resampling or Resampling())
    every = {one.label: one for one in (*contenders, *chain.from_iterable(series))}
    processes = cpu_threads(threads)
    decoded, given_up, journals = _decode_each(
        every.values(), encoded, cache / "runs", n_best=n_best, limits=limits, processes=processes, progress=progress
    )
    left_out = (*(LeftOut(text, str(error)) for text, error in refused), *given_up)
    scored = scorer.score(decoded)
    took_part = [scored[one.label] for one in contenders if one.label in scored]
    if not took_part:
        raise DecoderError("no decoder could take part: " + "; ".join(f"{o.label}: {o.reason}" for o in left_out))
    first = took_part[0].evaluation
    comparison = Comparison(
        model=encoded.model.name,
        alphabet=encoded.model.alphabet.characters,
        preprocess=encoded.preprocess,
        data=tuple(data),
        date=date.today(),
        n=first.n,
        characters=first.characters,
        words=first.words,
        units=first.units,
        rules=rules,
        resampling=first.resampling,
        n_best=n_best,
        entries=tuple(took_part),
        left_out=left_out,
        pairs=pair_up(took_part),
        sweeps=tuple(_swept(option, variants, scored) for variants in series),
        encoder=encoded.speed,
        positions=scorer.lines.positions,
        keys=tuple(encoded.lines[i].key for i in scorer.lines.positions),
        notes=(*encoded.notes, *scorer.lines.notes, *_failures(took_part)),
    )
    for journal in journals:
        journal.remove()
    return comparison


def _decode_each(
    contenders: Iterable[Contender],
    encoded: EncodedLines,
    runs: Path,
    *,
    n_best: int,
    limits: Limits | None,
    processes: int,
    progress: Progress,
) -> tuple[list[tuple[Contender, AllDecoded]], list[LeftOut], list[Journal[Group]]]:
    """What each decoder read, which of them failed, and the journals in ``runs``, kept until all is done."""
    decoded: list[tuple[Contender, AllDecoded]] = []
    left_out, journals = [], []
    for one in contenders:
        journal = None
        if one.decoder is None:
            path = journal_path(runs, one, encoded.outputs.keys, n_best)
            journals.append(journal := journal_of(path, len(encoded.outputs)))
        progress.begin(one.label, len(encoded.outputs))
        try:
            with closing(journal) if journal else nullcontext():
                found = decode_all(
                    one,
                    encoded.model.alphabet,
                    encoded.outputs,
                    n_best=n_best,
                    limits=limits,
                    journal=journal,
                    processes=processes,
                    progress=progress.done,
                )
        except DecoderError as error:
            left_out.append(LeftOut(one.label, str(error)))
        else:
            decoded.append((one, found))
    return decoded, left_out, journals


def _swept(option: str, variants: Sequence[Contender], scored: Mapping[str, Entry]) -> Sweep:
    points = tuple((one.options[option], scored[one.label]) for one in variants if one.label in scored)
    first = variants[0]
    others = {key: value for key, value in first.options.items() if key != option}
    return Sweep(option, replace(first, options=others).label, points)


def _failures(entries: Iterable[Entry]) -> list[str]:
    return [
        f"{entry.label} failed on {len(entry.failed)} of {entry.evaluation.n} lines, which count as read empty "
        f"(first: {entry.failed[0][0]}: {entry.failed[0][1]})"
        for entry in entries
        if entry.failed
    ]
