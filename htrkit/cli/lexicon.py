"""``htrkit lexicon``: word lists of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.output import results_to
from htrkit.cli.overwriting import check_file
from htrkit.cli.reading import ForceOption, TextsArgument, unless_standard
from htrkit.errors import InputError

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def lexicon() -> None:
    """Build word lists of your own."""


@app.command()
def build(
    texts: TextsArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where to write it. [default: standard output]",
            show_default=False,
            callback=unless_standard,
        ),
    ] = None,
    counts: Annotated[
        bool, typer.Option("--counts", help="Write a tab and the count after each word, for word-beam's n-gram modes.")
    ] = False,
    min_count: Annotated[int, typer.Option(min=1, help="Leave out words that occur less often.")] = 1,
    force: ForceOption = False,
) -> None:
    """Build a word list from text: its words, one a line, in the capitals in which they occur.

    A word is a run of letters, which single apostrophes and hyphens may join; digits and punctuation are left out.
    """
    from htrkit.lexicons import build as build_lexicon
    from htrkit.texts import lines_of

    check_file(out, force=force)
    words = build_lexicon(lines_of(texts), min_count=min_count)
    if not words:
        raise InputError(f"{', '.join(map(str, texts))} holds no word that occurs {min_count} times or more")
    with results_to(out) as stream:
        stream.writelines(f"{word}\t{count}\n" if counts else f"{word}\n" for word, count in words.items())
    if out:
        terminal.note(
            f"{len(words):,} words; read with them: htrkit recognize IMAGE --decoder word-beam -o lexicon={out}"
        )
