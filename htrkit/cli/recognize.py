"""``htrkit recognize``: images in, text out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.bars import bar
from htrkit.cli.flagged import Flagged
from htrkit.cli.output import files_to_do, note_left_out, put_results, wants_words
from htrkit.cli.overwriting import check_file
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ForceOption,
    FormatOption,
    ModelOption,
    NBestOption,
    OutputOption,
    PreprocessOption,
    SegmenterOption,
    SkipOption,
    SourceOption,
    ThreadsOption,
    VerboseOption,
    load_recognizer,
)
from htrkit.errors import UsageError
from htrkit.files import absolute, is_stream

app = typer.Typer(add_completion=False)


@app.command()
def recognize(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="Images, folders, globs; - for a list of paths on standard input."),
    ],
    model: ModelOption = None,
    decoder: DecoderOption = None,
    option: DecoderOptions = None,
    preprocess: PreprocessOption = None,
    segmenter: SegmenterOption = None,
    source: SourceOption = None,
    n_best: NBestOption = 1,
    format: FormatOption = "txt",
    output: OutputOption = None,
    save_log_probs: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Keep the network's outputs too, for htrkit decode.")
    ] = None,
    flag_below: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="List the words that are less sure than this, for somebody to look at."),
    ] = None,
    force: ForceOption = False,
    skip_existing: SkipOption = False,
    threads: ThreadsOption = 0,
    verbose: VerboseOption = False,
) -> None:
    """Read the handwriting on images.

    Results go to standard output as they come: the text of one image alone, several as PATH<TAB>TEXT.

    An image that cannot be read is named on standard error, the others are read, and the exit code is 1.
    """
    from htrkit.jobs import read_files
    from htrkit.pages.sources import Sources
    from htrkit.spec import Spec
    from htrkit.types import Run

    terminal.show_details(verbose)
    writer = Spec.parse("writer", format).checked()
    finder = None if segmenter is None else Spec.parse("segmenter", segmenter).checked()
    check_file(save_log_probs, force=force)
    if output and save_log_probs and absolute(output) == absolute(save_log_probs) and not is_stream(output):
        raise UsageError("--output and --save-log-probs name one file: name two")
    sources = Sources(source)
    files, folder, left_out = files_to_do(sources, paths, writer, output, force=force, skip_existing=skip_existing)
    if files:
        flagged = None if flag_below is None else Flagged(flag_below)
        recognizer = load_recognizer(model, decoder, option, preprocess, threads)
        with bar("reading", len(files), beside_results=output is None) as progress:
            job = read_files(
                recognizer,
                files,
                sources=sources,
                segmenter=finder,
                n_best=n_best,
                words=flagged is not None or wants_words(writer),
                outputs=save_log_probs,
                wanted=folder.lacks if folder and skip_existing else None,
                progress=progress.at,
            )
            run = Run(recognizer.model.name, recognizer.decoder_name, several=job.several, n_best=n_best)
            try:
                put_results(job, writer, run, output, folder, force=force, seen=flagged.add if flagged else None)
            finally:
                if flagged:
                    flagged.put()
                left_out += job.left_out
                if job.several:
                    terminal.note(f"{job.read} read, {job.failed} failed")
    note_left_out(left_out)
    if files and job.failed:
        raise typer.Exit(1)
