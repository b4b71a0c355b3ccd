"""``htrkit new-plugin``: a name in, a package with a component of one's own out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal

app = typer.Typer(add_completion=False)


@app.command()
def new_plugin(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the package is to be called, such as acme-htr.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="What it is to bring: decoder, preprocessor, reader, writer, encoder, source, segmenter or command; "
            "may be repeated.",
            show_default="decoder",
        ),
    ] = None,
    into: Annotated[Path, typer.Option(help="The folder to write the package's folder into.")] = Path(),
) -> None:
    """Write a package with components of your own.

    It can be installed at once, and passes its own tests; what its components do is yours to change.
    """
    from htrkit.scaffold import write_plugin

    folder = write_plugin(name, kind or ["decoder"], into)
    terminal.put(str(folder))
    terminal.note(f"install and test it with: pip install -e '{folder}[dev]' && pytest {folder}")
