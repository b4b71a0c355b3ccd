"""``htrkit segment``: pages in, the places of their lines out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.bars import bar
from htrkit.cli.output import files_to_do, note_left_out, put_results
from htrkit.cli.reading import ForceOption, SkipOption, SourceOption, ThreadsOption, VerboseOption
from htrkit.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command()
def segment(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PAGE", help="Images, folders, globs; - for a list of paths on standard input."),
    ],
    segmenter: Annotated[
        str | None,
        typer.Option(help="What finds the lines.", show_default="htrkit's own; what a page's file says"),
    ] = None,
    source: SourceOption = None,
    format: Annotated[
        str, typer.Option("--format", help="page-xml, alto, hocr, or overlay: the picture with its lines drawn on it.")
    ] = "page-xml",
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A folder for a file a page.", show_default="standard output, of one page"),
    ] = None,
    force: ForceOption = False,
    skip_existing: SkipOption = False,
    threads: ThreadsOption = 0,
    verbose: VerboseOption = False,
) -> None:
    """Find the lines on pages, without reading them.

    A page on which it fails is named on standard error, the others are written, and the exit code is 1.
    """
    from htrkit.jobs import segment_files
    from htrkit.pages.sources import Sources
    from htrkit.spec import Spec
    from htrkit.types import Run

    terminal.show_details(verbose)
    writer = Spec.parse("writer", format).checked()
    if not hasattr(writer.create(Run("", "")), "suffix"):
        raise UsageError(
            f"{writer.name} has no place for lines that are not read: take page-xml, alto, hocr or overlay"
        )
    finder = None if segmenter is None else Spec.parse("segmenter", segmenter).checked()
    sources = Sources(source)
    files, folder, left_out = files_to_do(sources, paths, writer, output, force=force, skip_existing=skip_existing)
    if files:
        with bar("segmenting", len(files), unit="pages", beside_results=output is None) as progress:
            job = segment_files(
                files,
                sources=sources,
                segmenter=finder,
                wanted=folder.lacks if folder and skip_existing else None,
                threads=threads,
                progress=progress.at,
            )
            try:
                put_results(job, writer, Run("", "", several=job.several), output, folder, force=force)
            finally:
                left_out += job.left_out
                if job.several:
                    terminal.note(f"{job.read} segmented, {job.failed} failed")
    note_left_out(left_out)
    if files and job.failed:
        raise typer.Exit(1)
