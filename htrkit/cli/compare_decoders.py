"""``htrkit compare-decoders``: which decoder reads best, and whether it really does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import measuring, terminal
from htrkit.cli.bars import Display
from htrkit.cli.reading import ModelOption, PreprocessOption, ReaderOption, ThreadsOption, split_steps
from htrkit.spec import split_list

if TYPE_CHECKING:
    from htrkit.evaluation.contest.comparison import Comparison

app = typer.Typer(add_completion=False)


@app.command(name="compare-decoders")
def compare_decoders(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="Files and folders that a reader understands.")],
    decoders: Annotated[
        str | None,
        typer.Option(
            "--decoders", metavar="SPECS", help="Decoders, with commas between.", show_default="all installed"
        ),
    ] = None,
    decoder: Annotated[
        list[str] | None,
        typer.Option(
            "--decoder",
            metavar="SPEC",
            help="A decoder with options: word-beam:beam_width=50,lexicon=english; may be repeated.",
        ),
    ] = None,
    model: ModelOption = None,
    preprocess: PreprocessOption = None,
    reader: ReaderOption = None,
    report: Annotated[
        list[Path] | None,
        typer.Option("--report", metavar="FILE", help="Write a report: .html, .md or .json; may be repeated."),
    ] = None,
    lines: Annotated[int, typer.Option(min=0, help="Lines shown in the HTML report.")] = 100,
    sweep: Annotated[
        str | None,
        typer.Option(metavar="OPTION=V1,V2", help="Read with each value of an option too: beam_width=1,5,10,25,50."),
    ] = None,
    n_best: Annotated[int, typer.Option(min=1, help="Hypotheses for each line, for the oracle.")] = 10,
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
    """Compare decoders on the outputs of one network.

    The network runs once; its outputs are kept, so that the next comparison of the same lines skips it.

    Figures come with 95 % bootstrap intervals, pairs with the p-value of their difference.

    A comparison that was interrupted goes on where it was when it is started again.
    """
    from htrkit.evaluation import Limits, Resampling, TextRules, write_report
    from htrkit.evaluation import compare_decoders as compare
    from htrkit.evaluation.report.as_json import comparison_json
    from htrkit.evaluation.report.formats import check_name
    from htrkit.readers import open_samples

    for path in report or ():
        check_name(path)
    named = [*split_list(decoders or ""), *(decoder or ())]
    rules, resampling = TextRules.ignoring(ignore or ()), Resampling(resamples, seed, by)
    samples = open_samples(data, reader=reader)
    with measuring.account(samples, data), Display() as display:
        comparison = compare(
            samples,
            named or None,
            model=model,
            preprocess=None if preprocess is None else split_steps(preprocess),
            n_best=n_best,
            sweep=sweep,
            rules=rules,
            resampling=resampling,
            limits=Limits(line=time_limit, memory=memory_limit),
            cache=cache,
            threads=threads,
            data=[str(path) for path in data],
            progress=display,
        )
    for one in comparison.left_out:
        terminal.warning(f"left out {one.label}: {one.reason}")
    for note in comparison.notes:
        terminal.note(f"note: {note}")
    for path in report or ():
        write_report(comparison, path, samples=samples, cache=cache, lines=lines)
        terminal.note(f"wrote {path}")
    if as_json:
        terminal.put_json(comparison_json(comparison, lines=True))
    else:
        show(comparison)
    if not comparison.complete:
        raise typer.Exit(1)


def show(comparison: Comparison) -> None:
    """The comparison's tables and sentences on standard output."""
    from htrkit.evaluation.report import tables

    measuring.put_table(tables.summary(comparison), "Decoders")
    for sweep in comparison.sweeps:
        measuring.put_table(tables.sweep(sweep), f"{tables.shortened(sweep.label)} by {sweep.option}")
    if len(comparison.entries) > 2:
        measuring.put_table(tables.pairs(comparison), "Pairs: first minus second, below zero the first is better")
    for sentence in comparison.sentences:
        terminal.put(tables.shortened(sentence))
    terminal.put("\n" + "\n".join(tables.described(comparison)))
