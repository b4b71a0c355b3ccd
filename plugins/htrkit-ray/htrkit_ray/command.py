"""``htrkit bulk``: an archive in, a folder of results out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.bars import bar
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ModelOption,
    NBestOption,
    PreprocessOption,
    SegmenterOption,
    SourceOption,
)

if TYPE_CHECKING:
    from htrkit_ray.archive import Summary

app = typer.Typer(add_completion=False)


@app.command()
def bulk(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Images, PDFs, folders, patterns, tables of paths (.csv, .tsv, .parquet, .txt), URLs of all these.",
        ),
    ],
    out: Annotated[str, typer.Option("--out", metavar="DEST", help="The folder of the results; a path or URL.")],
    model: ModelOption = None,
    decoder: DecoderOption = None,
    option: DecoderOptions = None,
    preprocess: PreprocessOption = None,
    segmenter: SegmenterOption = None,
    source: SourceOption = None,
    n_best: NBestOption = 1,
    format: Annotated[str, typer.Option(help="The format of the file a page.")] = "page-xml",
    keep_log_probs: Annotated[
        bool,
        typer.Option("--keep-log-probs", help="Keep the network's outputs, so that another decoder needs no network."),
    ] = False,
    workers: Annotated[int, typer.Option(min=0, help="Processes that read, a core each; 0 for one a core.")] = 0,
    time_limit: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="That a page may take.")] = 300.0,
    memory: Annotated[float, typer.Option(min=0.5, metavar="GB", help="That a process may take.")] = 4.0,
    address: Annotated[
        str, typer.Option(help="Of a Ray cluster; 'auto' for the one that this machine is in.", show_default="none")
    ] = "",
    gpu_share: Annotated[
        float, typer.Option(min=0, metavar="SHARE", help="Of a GPU for each process of the network; 0 for the CPU.")
    ] = 0.0,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Start Ray's dashboard, on this machine alone.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="A summary on standard output.")] = False,
) -> None:
    """Read an archive, on all cores or a cluster.

    What is done is not done again: after a kill, or with further pages, the same command goes on.

    A page that fails, or needs too much time or memory, is tried twice, named at the end, and the exit code is 1.
    """
    from htrkit_ray.watching import in_child

    with in_child():
        from concurrent.futures import ThreadPoolExecutor

        from htrkit import InputError
        from htrkit.pages.sources import Sources
        from htrkit_ray.inputs import find_inputs
        from htrkit_ray.plan import Options, Plan

        files = find_inputs(paths, Sources(source), out)
        if not files:
            raise InputError(f"no image found in {', '.join(paths)}")
        reading = (model, decoder, tuple(option or ()), preprocess, segmenter, source, n_best, format)
        options = Options(*reading, keep_log_probs, time_limit, memory).checked()
        with bar("reading", len(files), unit="pages") as shown, ThreadPoolExecutor(1) as meanwhile:
            plan = meanwhile.submit(Plan.of, options, out)
            from htrkit_ray.archive import read_archive
            from htrkit_ray.run import Machines

            def progress(summary: Summary, expected: int) -> None:
                failed = f" · {summary.how['failed']} failed" if summary.failed else ""
                shown.at(summary.pages, expected, f"{summary.pages_a_minute:.0f} pages a minute{failed}")

            machines = Machines(address, workers, gpu_share, dashboard)
            summary = read_archive(plan.result, out, files, machines, progress)
        for one in summary.failed:
            times = "once" if one["tries"] == 1 else f"{one['tries']} times"
            terminal.failed(f"{one['page']}: {one['reason']} (tried {times})", None, alone=False)
        for one in summary.lost:
            terminal.failed(f"{one['line']}: {one['reason']}", None, alone=False)
        how = summary.how
        terminal.note(
            f"{how['read']} pages read, {how['decoded']} decoded anew, {how['before']} done before, "
            f"{how['failed']} failed; {summary.pages_a_minute:.1f} pages a minute"
        )
        if json:
            terminal.put_json({**asdict(summary), "pages_a_minute": summary.pages_a_minute})
        if summary.failed or summary.lost:
            raise typer.Exit(1)
