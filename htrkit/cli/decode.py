"""``htrkit decode``: saved network outputs in, text out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli.bars import bar
from htrkit.cli.output import page_files, put_results, wants_words
from htrkit.cli.overwriting import check_free
from htrkit.cli.reading import DecoderOptions, ForceOption, FormatOption, NBestOption, OutputOption, ThreadsOption
from htrkit.errors import InputError

app = typer.Typer(add_completion=False)


@app.command()
def decode(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What htrkit recognize --save-log-probs wrote.")],
    decoder: Annotated[
        str | None,
        typer.Option("--decoder", help="What turns the network's output into text.", show_default="the fastest"),
    ] = None,
    option: DecoderOptions = None,
    n_best: NBestOption = 1,
    format: FormatOption = "txt",
    output: OutputOption = None,
    force: ForceOption = False,
    threads: ThreadsOption = 0,
) -> None:
    """Decode network outputs that were saved before.

    Neither the images nor the network are needed, which may be any network's.
    """
    from htrkit import plugins
    from htrkit.decoding import decode_lines
    from htrkit.jobs import Job
    from htrkit.outputs import load_outputs
    from htrkit.spec import Spec
    from htrkit.types import Encoded, Run
    from htrkit.weighing import Weigher

    spec = Spec.parse("decoder", decoder or plugins.default("decoder"), option or ()).checked()
    writer = Spec.parse("writer", format).checked()
    check_free(output, force=force)
    folder = page_files(writer, output, ())
    saved = load_outputs(file)
    if not saved.ids:
        raise InputError(f"{file} holds no line")
    encoded = map(Encoded, saved.ids, saved.log_probs)
    made = spec.create(saved.alphabet)
    weigh = Weigher(made, spec.name, saved.alphabet, threads=threads) if wants_words(writer) else None
    found = decode_lines(made, spec.name, encoded, weigh=weigh, n_best=n_best, threads=threads)
    with bar("decoding", len(saved.ids), beside_results=output is None) as progress:
        job = Job(found, len(saved.ids), several=len(saved.ids) > 1, progress=progress.at)
        run = Run(file.stem, spec.name, several=job.several, n_best=n_best)
        put_results(job, writer, run, output, folder, force=force)
    if job.failed:
        raise typer.Exit(1)
