"""``htrkit recognize``: images in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.bars import bar
from htrkit.cli.output import Folder, check_file, check_free, page_files, put_results
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ForceOption,
    FormatOption,
    ModelOption,
    NBestOption,
    OutputOption,
    PreprocessOption,
    ThreadsOption,
    VerboseOption,
    load_recognizer,
)
from htrkit.errors import InputError, UsageError

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
    segmenter: Annotated[
        str | None,
        typer.Option(
            help="What finds the lines on an image; none takes it for one line.",
            show_default="found out by looking",
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="What the pages come from.", show_default="found out by looking")
    ] = None,
    n_best: NBestOption = 1,
    format: FormatOption = "txt",
    output: OutputOption = None,
    save_log_probs: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Keep the network's outputs too, for htrkit decode.")
    ] = None,
    force: ForceOption = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out pages whose file is in the folder already.")
    ] = False,
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
    sources = Sources(source)
    files = sources.files(paths, output=output)
    if not files:
        raise InputError(f"no image found in {', '.join(paths)}")
    folder = page_files(writer, output, files)
    check_file(save_log_probs, force=force)
    all_files = len(files)
    if skip_existing:
        files = _without_theirs(files, folder)
    elif folder is None:
        check_free(output, force=force)
    else:
        check_free(*map(folder.of, files), force=force)
    left_out = all_files - len(files)
    if files:
        recognizer = load_recognizer(model, decoder, option, preprocess, threads)
        with bar("reading", len(files), beside_results=output is None) as progress:
            job = read_files(
                recognizer,
                files,
                sources=sources,
                segmenter=finder,
                n_best=n_best,
                outputs=save_log_probs,
                wanted=folder.lacks if folder and skip_existing else None,
                progress=progress.at,
            )
            run = Run(recognizer.model.name, recognizer.decoder_name, several=job.several, n_best=n_best)
            try:
                put_results(job, writer, run, output, folder, force=force)
            finally:
                left_out += job.left_out
                if job.several:
                    terminal.note(f"{job.read} read, {job.failed} failed")
    if left_out:
        terminal.note(f"{left_out} left out: {'its file is' if left_out == 1 else 'their files are'} there")
    if files and job.failed:
        raise typer.Exit(1)


def _without_theirs(files: Sequence[str], folder: Folder | None) -> list[str]:
    """The files whose pages may not have been read yet."""
    if folder is None or folder.folder is None:
        raise UsageError("--skip-existing has no effect without a folder of pages' files: name one with --output")
    return list(filter(folder.lacks, files))
