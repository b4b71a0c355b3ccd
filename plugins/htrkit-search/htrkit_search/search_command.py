"""``htrkit search``: words in an index, where they may stand, most probable first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.reading import ForceOption, ThreadsOption

if TYPE_CHECKING:
    from htrkit_search.hits import Hit

app = typer.Typer(add_completion=False)


@app.command()
def search(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="A file that htrkit index made.")],
    query: Annotated[
        str,
        typer.Argument(
            help="A word, or several near each other; in double quotes, a phrase. ? is a letter, * any letters."
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, help="Hits at most.")] = 20,
    least: Annotated[float, typer.Option(min=0.0, max=1.0, help="The confidence that a hit must have.")] = 0.25,
    tolerance: Annotated[
        int, typer.Option(min=0, max=2, help="Letters of each word that may be others, missing or too many.")
    ] = 0,
    within: Annotated[int, typer.Option(min=0, help="Lines that several words may stand apart.")] = 1,
    case: Annotated[bool, typer.Option("--case", help="Capitals must be as in the query.")] = False,
    accents: Annotated[bool, typer.Option("--accents", help="Accents must be as in the query.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a picture of each hit's line into this folder.")
    ] = None,
    force: ForceOption = False,
    threads: ThreadsOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find words in an index, most probable first, also where something else was read.

    The exit code is 1 if a picture cannot be had.
    """
    from htrkit_search.index import Index

    with Index.open(index) as opened:
        hits = opened.search(
            query,
            limit=limit,
            least=least,
            tolerance=tolerance,
            within=within,
            case=case,
            accents=accents,
            threads=threads,
        )
    written = _write(hits, pictures, force=force) if pictures else {}
    if as_json:
        terminal.put_json([hit.json() | _picture(written.get(hit)) for hit in hits])
    elif hits:
        terminal.put(terminal.table(("confidence", "line", "box", "read as"), [_row(hit) for hit in hits]))
    else:
        terminal.note("nothing found; a lower --least or a --tolerance finds more")
    if pictures and len(written) < len(hits):
        raise typer.Exit(1)


def _write(hits: list[Hit], folder: Path, *, force: bool) -> dict[Hit, str]:
    """Write a picture of each hit, numbered as they rank; what fails is named.

    Raises
    ------
    UsageError
        If a file is there already, without ``force``.
    InputError
        If they cannot be written.
    """
    import cv2

    from htrkit import Failed, InputError, UsageError
    from htrkit_search.pictures import pictures_of

    paths = {hit: folder / f"{rank:04}.png" for rank, hit in enumerate(hits, start=1)}
    written = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths.values():
            if force:
                path.unlink(missing_ok=True)
            elif os.path.lexists(path):
                raise UsageError(f"{path} is there already: --force writes over it")
        for hit, picture in pictures_of(hits):
            if isinstance(picture, Failed):
                terminal.failed(str(picture), picture.error, alone=False)
                continue
            with paths[hit].open("xb") as file:  # not through a link
                file.write(cv2.imencode(".png", picture)[1].tobytes())
            written[hit] = str(paths[hit])
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    return written


def _row(hit: Hit) -> tuple[str, ...]:
    return f"{hit.confidence:.2f}", hit.line, ",".join(map(str, hit.box or "-")), hit.text


def _picture(path: str | None) -> dict[str, str]:
    return {"picture": path} if path else {}
