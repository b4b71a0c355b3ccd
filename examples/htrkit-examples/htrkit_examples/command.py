"""A command that says which characters a network could learn from data."""

from collections import Counter
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def letters(
    paths: Annotated[list[str], typer.Argument(metavar="DATA", help="Files and folders, as for htrkit train.")],
    least: Annotated[int, typer.Option(help="Leave out what comes less often.")] = 1,
) -> None:
    """Count the characters of data with known text."""
    from htrkit.readers import open_samples  # imported when the command runs, so that its help comes at once

    counts = Counter(character for sample in open_samples(paths) for character in sample.text)
    for character, count in counts.most_common():
        if count >= least:
            print(f"{character!r}\t{count}")
