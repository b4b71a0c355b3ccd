"""``htrkit search``: words in an index, where they may stand, most probable first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.reading import ThreadsOption

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
    threads: ThreadsOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find words in an index, most probable first, also where something else was read."""
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
    written = _write(hits, pictures) if pictures else {}
    if as_json:
        terminal.put_json([hit.json() | _picture(written.get(hit)) for hit in hits])
    elif hits:
        terminal.put(terminal.table(("confidence", "line", "box", "read as"), [_row(hit) for hit in hits]))
    else:
        terminal.note("nothing found; a lower --least or a --tolerance finds more")


def _write(hits: list[Hit], folder: Path) -> dict[Hit, str]:
    """Write a picture of each hit, numbered as they rank; what fails is named."""
    import cv2

    from htrkit import Failed, InputError
    from htrkit_search.pictures import pictures_of

    ranks = {hit: rank for rank, hit in enumerate(hits, start=1)}
    written = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for hit, picture in pictures_of(hits):
            if isinstance(picture, Failed):
                terminal.failed(str(picture), picture.error, alone=False)
                continue
            path = folder / f"{ranks[hit]:04}.png"
            path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
            written[hit] = str(path)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    return written


def _row(hit: Hit) -> tuple[str, ...]:
    return f"{hit.confidence:.2f}", hit.line, ",".join(map(str, hit.box or "-")), hit.text


def _picture(path: str | None) -> dict[str, str]:
    return {"picture": path} if path else {}
