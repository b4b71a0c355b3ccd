"""``htrkit index``: pages into an index that can be searched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.bars import bar
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ModelOption,
    PreprocessOption,
    SegmenterOption,
    SourceOption,
    ThreadsOption,
    load_recognizer,
)

app = typer.Typer(add_completion=False)


@app.command()
def index(
    index: Annotated[
        Path,
        typer.Argument(
            metavar="INDEX",
            help="The file of the index, made if there is none; or a folder, for index.duckdb in it.",
        ),
    ],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Images, PAGE and ALTO files, saved network outputs (.npz), results of htrkit bulk, folders; - for a"
            " list. Without any, what is in the folder INDEX.",
        ),
    ] = None,
    model: ModelOption = None,
    decoder: DecoderOption = None,
    option: DecoderOptions = None,
    preprocess: PreprocessOption = None,
    segmenter: SegmenterOption = None,
    source: SourceOption = None,
    prune: Annotated[bool, typer.Option("--prune", help="Take files out of the index that are gone.")] = False,
    threads: ThreadsOption = 0,
) -> None:
    """Make an index of pages, or bring one up to date: only files that are new or changed are read.

    What htrkit bulk has read is not read again. A run that was interrupted goes on where it was. What cannot be read is
    named, and the exit code is 1.
    """
    from htrkit import Failed, HtrkitError, InputError, UsageError, plugins
    from htrkit.files import is_folder
    from htrkit.model import open_model
    from htrkit.pages.sources import Sources
    from htrkit.spec import Spec
    from htrkit_search.archive import Archive, is_archive
    from htrkit_search.indexing import update

    finder = None if segmenter is None else Spec.parse("segmenter", segmenter).checked()
    if not paths and not is_folder(index):
        raise UsageError(f"{index} is no folder: say what is to be indexed")
    paths = paths or [str(index)]
    archives = [path for path in paths if is_archive(path)]
    sources = Sources(source)
    files = list(dict.fromkeys([*archives, *sources.files([path for path in paths if path not in archives])]))
    if not files:
        raise InputError(f"no image found in {', '.join(paths)}")
    given, skipped, alone = model, 0, len(files) == 1
    for path in [] if given else dict.fromkeys(archives):
        try:
            found = Archive(Path(path)).model
            # a stranger's results must not say what is loaded
            if found and (found not in plugins.names("model") or open_model(found).name != found):
                raise InputError(f"was read with {found!r}, and no such model is installed: name it with --model")
            model = model or found
        except HtrkitError as error:
            files.remove(path)
            skipped += 1
            terminal.failed(str(Failed(path, str(error))), error, alone=alone)
    if not files:
        raise typer.Exit(1)
    recognizer = load_recognizer(model, decoder, option, preprocess, threads)
    with bar("indexing", len(files)) as progress:
        done = update(
            index,
            recognizer,
            files,
            sources=sources,
            segmenter=finder,
            prune=prune,
            progress=progress.at,
            failed=lambda failure: terminal.failed(str(failure), failure.error, alone=alone),
        )
    said = f"{done.lines} lines on {done.pages} pages indexed, {done.unchanged} files unchanged"
    removed = f", {done.removed} removed" if done.removed else ""
    terminal.note(f"{said}{removed}, {skipped + len(done.failures)} failed")
    if skipped or done.failures:
        raise typer.Exit(1)
