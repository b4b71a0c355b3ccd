"""Tries of lexicons, kept on disk: a large lexicon is read and sorted once, and then only loaded.

The cache is a folder of NumPy archives under `htrkit.files.user_cache`, each named by a hash of
the lexicon's content, the alphabet and the word characters. It may be deleted at any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders import trie
from htrkit.decoders.trie import Trie
from htrkit.decoders.vocabulary import counted_words
from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import arrays_in, digest, user_cache, whole

FORMAT = 1
WORTHWHILE = 100_000
"""Bytes of a lexicon from which on it is cached; a smaller one is built as quickly as it is loaded."""
LARGEST = 4 << 30
"""Bytes that a trie may unpack to."""
KEPT = 16
"""Tries that stay in the cache; beyond that the one not used for longest goes."""


def load_trie(source: Path | Iterable[str], alphabet: Alphabet, characters: str) -> Trie:
    """The trie of a lexicon, from the cache if it was built before.

    Parameters
    ----------
    source
        A file (see `htrkit.decoders.vocabulary.counted_words`) or words.
    characters
        The characters that words are made of.

    Raises
    ------
    InputError
        If the file cannot be read.
    UsageError
        If no word in it can be spelt with the alphabet.
    """
    if isinstance(source, Path):
        try:
            content = source.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read the lexicon {source}: {error.strerror or error}") from error
    else:
        source = list(source)
        content = "\n".join(source).encode("utf-8", "surrogatepass")
    file = _file(content, alphabet, characters) if len(content) >= WORTHWHILE else None
    if file is not None and (cached := _read(file, alphabet)) is not None:
        return cached
    words = counted_words(source, alphabet, characters)
    if not words:
        name = source if isinstance(source, Path) else "given"
        raise UsageError(f"the lexicon {name} has no word that the alphabet can spell: check the word characters")
    built = trie.build(words, alphabet)
    if file is not None:
        _write(file, built)
    return built


def folder() -> Path:
    """Where the cache is."""
    return user_cache() / "tries"


def _file(content: bytes, alphabet: Alphabet, characters: str) -> Path | None:
    try:
        return folder() / f"{digest(FORMAT, alphabet.characters, characters, content)}.npz"
    except HtrkitError:  # no home folder
        return None


def _read(file: Path, alphabet: Alphabet) -> Trie | None:
    """The trie of a cache file, or None if it is not there or not what it should be: then it is built again."""
    try:
        cached = Trie(**arrays_in(file, Trie.__slots__, most=LARGEST))
        trie.check(cached, alphabet.n_labels)
    except (OSError, ValueError):  # ShapeError among them
        return None
    with suppress(OSError):
        os.utime(file)
    return cached


def _write(file: Path, built: Trie) -> None:
    """Put a trie into the cache, whole or not at all; a cache that cannot be written to is done without."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file, sync=False) as part, part.open("wb") as target:
            np.savez(target, **asdict(built))
        used = sorted(file.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
        for old in used[:-KEPT]:
            old.unlink(missing_ok=True)
