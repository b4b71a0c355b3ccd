"""``htrkit recognize``: images in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.failures import Failures
from htrkit.cli.output import results_to
from htrkit.cli.progress import Bar, bar
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ModelOption,
    PreprocessOption,
    ThreadsOption,
    load_recognizer,
)
from htrkit.errors import InputError

if TYPE_CHECKING:
    from htrkit.recognizer import Recognizer
    from htrkit.types import Encoded, Failed, Line, LogProbs, Writer

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
    n_best: Annotated[int, typer.Option(min=1, help="Hypotheses for each line.")] = 1,
    format: Annotated[str, typer.Option(help="The format of the results, as htrkit writers lists them.")] = "txt",
    output: Annotated[Path | None, typer.Option(help="A file for the results.", show_default="standard output")] = None,
    save_log_probs: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Keep the network's outputs too, for htrkit decode.")
    ] = None,
    threads: ThreadsOption = 0,
) -> None:
    """Read the handwriting on images.

    Results go to standard output as they come: the text of one image alone, several as PATH<TAB>TEXT.

    An image that cannot be read is named on standard error, the others are read, and the exit code is 1.
    """
    from htrkit.decoding import decode_lines
    from htrkit.readers.images import find_images
    from htrkit.spec import Spec
    from htrkit.types import Failed, Run

    writer_spec = Spec.parse("writer", format).checked()
    images = [str(path) for path in find_images(paths)]
    if not images:
        raise InputError(f"no image found in {', '.join(paths)}")
    recognizer = load_recognizer(model, decoder, option, preprocess, threads)
    with bar("reading", len(images), beside_results=output is None) as progress:
        failures = Failures()
        lines = iter(_Images(images, progress, failures))
        first = list(islice(lines, 2)) if len(images) == 1 else []
        several = len(images) > 1 or len(first) > 1
        run = Run(recognizer.model.name, recognizer.decoder_name, several=several, n_best=n_best)
        writer: Writer = writer_spec.create(run)
        read = 0
        try:
            with results_to(output) as stream:
                stream.write(writer.header())
                outputs = _Outputs(recognizer, chain(first, lines), save_log_probs)
                for found in decode_lines(
                    recognizer.decoder, recognizer.decoder_name, outputs, n_best=n_best, threads=threads
                ):
                    progress.done()
                    if isinstance(found, Failed):
                        failures.add(found, alone=not several)
                        continue
                    stream.write(writer.format(found))
                    read += 1
                    stream.flush()
        finally:
            if len(images) > 1:
                terminal.note(f"{read} read, {failures.count} failed")
    if failures.count:
        raise typer.Exit(1)


class _Outputs:
    """The network's outputs with their ids, one line at a time; with a path, they are in that file at the end."""

    def __init__(self, recognizer: Recognizer, lines: Iterable[Line], path: Path | None) -> None:
        self.recognizer, self.lines, self.path = recognizer, lines, path

    def __iter__(self) -> Iterator[Encoded | Failed]:
        from htrkit.outputs import save_outputs
        from htrkit.types import Encoded

        kept: list[tuple[str, LogProbs]] = []
        for one in self.recognizer.encode(self.lines):
            if self.path and isinstance(one, Encoded):
                kept.append((one.id, one.log_probs))
            yield one
        if self.path:
            ids, outputs = zip(*kept, strict=True) if kept else ((), ())
            save_outputs(self.path, self.recognizer.model.alphabet, ids, outputs)


class _Images:
    """The lines on image files, one file at a time; a file that cannot be read is named and counted."""

    def __init__(self, paths: Sequence[str], progress: Bar, failures: Failures) -> None:
        self.paths, self.progress, self.failures = paths, progress, failures

    def __iter__(self) -> Iterator[Line]:
        from htrkit.readers.images import read_images

        for path in self.paths:
            try:
                lines = read_images(path)
            except InputError as error:
                if len(self.paths) == 1:
                    raise
                self.failures.add(error)
                self.progress.done()
                continue
            self.progress.expect(len(lines) - 1)
            yield from lines
