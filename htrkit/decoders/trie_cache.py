"""Tries of lexicons, kept on disk: a large lexicon is read and sorted once, and then only loaded.

The cache is a folder of NumPy archives under `htrkit.files.user_cache`, each named by a hash of the lexicon's content,
the alphabet and the word characters. It may be deleted at any time.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.notices import warn
from htrkit.decoders.trie import Trie
from htrkit.decoders.vocabulary import Vocabulary
from htrkit.errors import HtrkitError, InputError
from htrkit.files import digest, put_sealed, sealed, user_cache

FORMAT = 5
WORTHWHILE = 100_000
"""Bytes of a lexicon from which on it is cached; a smaller one is built as quickly as it is loaded."""
LARGEST_LEXICON = 1 << 30
"""Bytes; some devices have no end."""
KEPT = 16
"""Tries that stay in the cache; beyond that the one not used for longest goes."""


def load_trie(source: Path | Iterable[str], alphabet: Alphabet, characters: str, *, capitals: bool = False) -> Trie:
    """The trie of a lexicon, from the cache if it was built before; warns of entries that are left out.

    Takes the words or file that `htrkit.decoders.vocabulary.resolved` gives, and what
    `htrkit.decoders.vocabulary.Vocabulary.read` takes and raises.
    """
    if isinstance(source, Path):
        try:
            with source.open("rb") as opened:
                content = opened.read(LARGEST_LEXICON + 1)
        except OSError as error:
            raise InputError(f"cannot read the lexicon {source}: {error.strerror or error}") from error
        if len(content) > LARGEST_LEXICON:
            raise InputError(f"the lexicon {source} is larger than {LARGEST_LEXICON >> 30} GiB")
    else:
        source = list(source)
        content = "\n".join(source).encode("utf-8", "surrogatepass")
    file = _file(content, alphabet.labels, characters, capitals) if len(content) >= WORTHWHILE else None
    if file is not None and (found := _read(file)):
        cached, note = found
        if note:
            warn(f"the lexicon{f' {source}' if isinstance(source, Path) else ''}: {note}")
        return cached
    words = Vocabulary.read(source, alphabet, characters, capitals=capitals)
    built = Trie.of(words.counts, alphabet)
    if file is not None:
        _write(file, built, words.note)
    return built


def folder() -> Path:
    """Where the cache is."""
    return user_cache() / "tries"


def _file(content: bytes, *key: object) -> Path | None:
    try:
        return folder() / f"{digest(FORMAT, *key, content)}.npz"
    except HtrkitError:  # no home folder
        return None


def _read(file: Path) -> tuple[Trie, str] | None:
    """The trie of a cache file, with what is to be said of its lexicon, or None if it has to be built."""
    try:
        with np.load(io.BytesIO(sealed(file)), allow_pickle=False) as arrays:
            found = Trie(**{name: arrays[name] for name in Trie.__slots__}), str(arrays["note"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception:  # what NumPy raises is anybody's guess
        warn(f"{file} is damaged: its lexicon is read again")
        return None
    with suppress(OSError):
        os.utime(file)
    return found


def _write(file: Path, built: Trie, note: str) -> None:
    """Put a trie into the cache; one that cannot be written to is done without."""
    content = io.BytesIO()
    np.savez(content, note=np.array(note), **asdict(built))
    with suppress(OSError):
        put_sealed(file, content.getvalue())
        used = sorted(file.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
        for old in used[:-KEPT]:
            old.unlink(missing_ok=True)
