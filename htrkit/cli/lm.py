"""``htrkit lm``: language models of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.overwriting import check_file
from htrkit.cli.reading import ForceOption, JsonOption, TextsArgument

MOST = 20
"""Tokens of an n-gram: longer ones hardly ever come again."""

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def lm() -> None:
    """Build language models of your own."""


@app.command()
def build(
    texts: TextsArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where to write it. [default: lm.arpa, or characters.npz]",
            show_default=False,
        ),
    ] = None,
    order: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST,
            show_default=False,
            help="Tokens of the longest n-gram. [default: 3 words, or 6 characters]",
        ),
    ] = None,
    characters: Annotated[
        bool,
        typer.Option("--characters", help="Model characters, for the decoder beam, instead of words, for beam-lm."),
    ] = False,
    prune: Annotated[
        str,
        typer.Option(
            metavar="N,N,…",
            help="Leave out n-grams that occur no more often than this: one count for each order, first 0.",
        ),
    ] = "0",
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Build an n-gram model, smoothed by Kneser and Ney's method, from text that is like what you want to read.

    Write one line or sentence on each line, as people would write it by hand, punctuation and capitals included.
    """
    from htrkit.language_models.build import build as build_model
    from htrkit.texts import lines_of

    target = out or Path("characters.npz" if characters else "lm.arpa")
    check_file(target, force=force)
    longest = order or (6 if characters else 3)
    ngrams = build_model(lines_of(texts), target, longest, characters=characters, prune=_thresholds(prune))
    option = f"--decoder {'beam' if characters else 'beam-lm'} -o language_model={target}"
    if as_json:
        terminal.put_json({"path": str(target), "ngrams": list(ngrams)})
    else:
        counted = ", ".join(f"{size:,} {k}-grams" for k, size in enumerate(ngrams, start=1))
        terminal.put(str(target))
        terminal.note(f"{counted}\nread with it: htrkit recognize IMAGE {option}")


def _thresholds(prune: str) -> tuple[int, ...]:
    try:
        return tuple(int(threshold) for threshold in prune.split(","))
    except ValueError:
        raise typer.BadParameter(f"{prune!r} is not counts with commas between them, such as 0,0,1") from None
