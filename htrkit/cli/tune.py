"""``htrkit tune``: the options with which a decoder reads best."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from htrkit.cli import measuring, terminal
from htrkit.cli.bars import Display
from htrkit.cli.reading import ModelOption, PreprocessOption, ReaderOption, ThreadsOption, split_steps

if TYPE_CHECKING:
    from htrkit.evaluation.contest.tuning import Tuning

app = typer.Typer(add_completion=False)


@app.command()
def tune(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="A validation set; files and folders.")],
    decoder: Annotated[
        str, typer.Option("--decoder", metavar="SPEC", help="A decoder; options after a colon stay as they are.")
    ],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            "-o",
            metavar="KEY=RANGE",
            help="What to tune: alpha=0:2, beam_width=1:50:log, mode=words,ngrams; may be repeated.",
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="How many sets of options to try.")] = 50,
    minimise: Annotated[Literal["cer", "wer"], typer.Option(help="The error rate that counts.")] = "cer",
    save: Annotated[bool, typer.Option("--save", help="Make the result the model's own decoder.")] = False,
    model: ModelOption = None,
    preprocess: PreprocessOption = None,
    reader: ReaderOption = None,
    ignore: measuring.IgnoreOption = None,
    by: measuring.ByOption = None,
    seed: measuring.SeedOption = 0,
    resamples: measuring.ResamplesOption = 10_000,
    time_limit: measuring.TimeLimitOption = 20.0,
    memory_limit: measuring.MemoryLimitOption = None,
    cache: measuring.CacheOption = None,
    threads: ThreadsOption = 0,
    as_json: measuring.JsonOption = False,
) -> None:
    """Find the options with which a decoder reads best.

    The network runs once; a run that was interrupted goes on where it was when it is started again.

    Report figures on other data than this: the options are chosen to suit these lines.
    """
    from htrkit.evaluation import Limits, Resampling, TextRules
    from htrkit.evaluation.contest import tuning
    from htrkit.readers import open_samples

    rules, resampling = TextRules.ignoring(ignore or ()), Resampling(resamples, seed, by)
    samples = open_samples(data, reader=reader)
    with measuring.account(samples, data), Display() as display:
        found = tuning.tune(
            samples,
            decoder,
            option or [],
            trials=trials,
            minimise=minimise,
            model=model,
            preprocess=None if preprocess is None else split_steps(preprocess),
            rules=rules,
            resampling=resampling,
            limits=Limits(line=time_limit, memory=memory_limit),
            cache=cache,
            threads=threads,
            progress=display,
        )
    if save:
        terminal.note(f"saved {found.decoder} as the decoder of {tuning.save(found, model)}")
    if as_json:
        terminal.put_json(_json(found))
    else:
        _show(found)
    for note in found.notes:
        terminal.note(f"note: {note}")
    if not found.complete:
        raise typer.Exit(1)


def _show(found: Tuning) -> None:
    from htrkit.evaluation.report import tables

    terminal.put(f"best: {shlex.quote(found.decoder)}")
    rows = [
        (what, entry.label, f"{entry.evaluation.cer}", f"{entry.evaluation.wer}")
        for what, entry in (("before", found.before), ("tuned", found.after))
    ]
    terminal.put(terminal.table(("", "decoder", "CER", "WER"), rows))
    shown = found.after.evaluation
    terminal.put(f"{shown.n} lines; {shown.rules}; intervals resample {shown.resampling.drawn(shown.units)}")
    if found.pair is None:
        terminal.put("nothing better was found")
        return
    for name, difference in (("CER", found.pair.cer), ("WER", found.pair.wer)):
        terminal.put(f"{name}: {difference.figure.points('+')} points, p {tables.p_text(difference.p_value)}")


def _json(found: Tuning) -> dict[str, Any]:
    from htrkit.evaluation.contest.plain import entry_json, pair_json

    return {
        "model": found.model,
        "decoder": found.decoder,
        "minimised": found.minimised,
        "before": entry_json(found.before),
        "after": entry_json(found.after),
        "pair": found.pair and pair_json(found.pair),
        "trials": [asdict(trial) for trial in found.trials],
    }
