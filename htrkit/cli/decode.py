"""``htrkit decode``: saved network outputs in, text out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli.failures import Failures
from htrkit.cli.output import results_to
from htrkit.cli.progress import bar
from htrkit.cli.reading import DecoderOptions, ThreadsOption
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
    n_best: Annotated[int, typer.Option(min=1, help="Hypotheses for each line.")] = 1,
    format: Annotated[str, typer.Option(help="The format of the results, as htrkit writers lists them.")] = "txt",
    output: Annotated[Path | None, typer.Option(help="A file for the results.", show_default="standard output")] = None,
    threads: ThreadsOption = 0,
) -> None:
    """Decode network outputs that were saved before.

    Neither the images nor the network are needed, which may be any network's.
    """
    from htrkit import plugins
    from htrkit.decoding import decode_lines
    from htrkit.outputs import load_outputs
    from htrkit.spec import Spec
    from htrkit.types import Encoded, Failed, Run, Writer

    spec = Spec.parse("decoder", decoder or plugins.default("decoder"), option or ()).checked()
    name = spec.name
    writer_spec = Spec.parse("writer", format).checked()
    saved = load_outputs(file)
    if not saved.ids:
        raise InputError(f"{file} holds no line")
    decoding = spec.create(saved.alphabet)
    run = Run(file.stem, name, several=len(saved.ids) > 1, n_best=n_best)
    writer: Writer = writer_spec.create(run)
    with bar("decoding", len(saved.ids), beside_results=output is None) as progress, results_to(output) as stream:
        failures = Failures()
        stream.write(writer.header())
        encoded = map(Encoded, saved.ids, saved.log_probs)
        for found in decode_lines(decoding, name, encoded, n_best=n_best, threads=threads):
            progress.done()
            if isinstance(found, Failed):
                failures.add(found, alone=not run.several)
                continue
            stream.write(writer.format(found))
            stream.flush()
    if failures.count:
        raise typer.Exit(1)
