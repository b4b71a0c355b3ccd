"""``htrkit synth``: lines and pages of handwriting drawn from fonts and from pen strokes, to train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.reading import JsonOption

app = typer.Typer(add_completion=False)


@app.command()
def synth(
    out: Annotated[Path, typer.Option(help="The folder for the images and their table, table.tsv.")],
    font: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="A .ttf or .otf file or a folder of them; may be repeated."),
    ] = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="UTF-8 text (.gz, .xz, .bz2 too) to write; may be repeated."),
    ] = None,
    strokes: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Pen strokes (.npz), which bring their own texts; may be repeated."),
    ] = None,
    stroke_share: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of the lines drawn from strokes, where there are fonts too.")
    ] = 0.5,
    without: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Names of stroke lines to leave out, or beginnings of names, one a line.",
            show_default="none",
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Lines to draw.")] = 1000,
    pages: Annotated[
        int | None,
        typer.Option(metavar="N", help="Draw so many pages instead, with PAGE XML that says where their lines are."),
    ] = None,
    height: Annotated[int, typer.Option(help="Height of the images in pixels.")] = 96,
    seed: Annotated[int, typer.Option(help="For the same lines again.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Draw lines or pages of handwriting to train on.

    No two letters of a font come out alike: each is warped, turned, moved and drawn with another stroke.

    A folder that was begun is gone on with; a higher --count adds lines, a higher --pages pages.
    """
    from htrkit import texts
    from htrkit.cli.bars import bar
    from htrkit.synth.make import SynthSettings, make
    from htrkit.synth.make_pages import make_pages

    settings = SynthSettings(
        count=count if pages is None else pages,
        fonts=tuple(font or ()),
        texts=tuple(map(str, text or ())),
        strokes=tuple(strokes or ()),
        stroke_share=stroke_share,
        without=tuple(name for name in map(str.strip, texts.lines(without)) if name) if without else (),
        height=height,
        seed=seed,
    )
    with bar("drawing", settings.count, unit="lines" if pages is None else "pages") as shown:
        done = 0

        def tick(drawn: int) -> None:
            nonlocal done
            shown.done(drawn - done)
            done = drawn

        made = (make if pages is None else make_pages)(settings, out, tick)
    if as_json:
        terminal.put_json(
            {"table": str(made), "lines": done} if pages is None else {"pages": done, "folder": str(made)}
        )
        return
    terminal.put(str(made))
    if pages is None:
        terminal.note(f"{done:,} lines\ntrain with them: htrkit train DATA --arch crnn --mix {made} --out MODEL")
    else:
        terminal.note(f"{done:,} pages\ntrain with them: htrkit train-segmenter PAGES --mix {made} --out FOLDER")
