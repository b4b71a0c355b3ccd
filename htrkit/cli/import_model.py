"""``htrkit import-model``: the network of another program becomes a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.reading import PreprocessOption, split_steps
from htrkit.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command(name="import-model")
def import_model(
    network: Annotated[Path, typer.Argument(metavar="NETWORK.onnx", help="A network that was trained with CTC.")],
    alphabet: Annotated[Path, typer.Option(metavar="FILE", help="Its labels in their order, one a line, no blank.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the model is written.")],
    sample: Annotated[Path | None, typer.Option(metavar="IMAGE", help="A line to try the network on.")] = None,
    text: Annotated[str | None, typer.Option(help="What stands on the sample.")] = None,
    height: Annotated[int | None, typer.Option(min=1, help="Of the network's input, if it leaves that open.")] = None,
    preprocess: PreprocessOption = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option", "-o", metavar="KEY=VALUE", help="An option of the encoder onnx that is known; may be repeated."
        ),
    ] = None,
) -> None:
    """Make a model of another program's network.

    Axes, sizes and what the numbers are is found out from the network; where the blank is and what ink and paper are,
    from a sample and its text. Nothing is guessed: what remains open is said.
    """
    from htrkit.importing.import_network import import_network, read_alphabet
    from htrkit.pages.images import one_line
    from htrkit.spec import Spec

    if (sample is None) != (text is None):
        raise UsageError("--sample and --text go together: an image of a line, and what stands on it")
    imported = import_network(
        network,
        read_alphabet(alphabet),
        out,
        given=Spec.parse("encoder", "onnx", option or ()).options,
        height=height,
        preprocess=split_steps(preprocess or "none"),
        sample=None if sample is None or text is None else (one_line(sample), text),
    )
    for note in imported.notes:
        terminal.note(note)
    terminal.note(f"the model is in {out}\nread with it: htrkit recognize IMAGE --model {out}")
