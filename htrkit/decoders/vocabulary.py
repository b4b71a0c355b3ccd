"""Words for decoders: which characters make words, and the words of a lexicon or corpus that an alphabet can spell."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from htrkit.alphabet import Alphabet
from htrkit.errors import InputError
from htrkit.lexicons import entries
from htrkit.resources import resource
from htrkit.texts import lines

Source = str | Path | Iterable[str]
"""A shipped name, a path, words, or a text."""

APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"


def word_characters(alphabet: Alphabet, given: str | None = None) -> str:
    """The characters of the alphabet that words are made of: those ``given``, or letters, accents and apostrophes."""
    if given is not None:
        return "".join(character for character in alphabet.characters if character in given)
    return "".join(
        character
        for character in alphabet.characters
        if character.isalpha() or unicodedata.category(character).startswith("M") or character in APOSTROPHES
    )


def resolved(source: Source) -> Path | Iterable[str]:
    """What a ``lexicon`` or ``corpus`` option stands for: a file, or the words or lines themselves.

    A string with white space that is no file is a text.

    Raises
    ------
    UsageError
        If it is a name or path that does not exist.
    """
    if isinstance(source, str) and len(source.split(maxsplit=1)) != 1 and not _is_file(source):
        return source.splitlines()
    if isinstance(source, str | Path):
        return resource("lexicon", source)
    return source


def text_lines(source: Source) -> Iterable[str]:
    """The lines of a corpus.

    Raises
    ------
    UsageError, InputError
        If it is a name or path that does not exist, or a file that cannot be read.
    """
    found = resolved(source)
    return lines(found) if isinstance(found, Path) else found


def words_of(texts: Iterable[str], alphabet: Alphabet, characters: str) -> Iterator[str | None]:
    """The words of lines of text, in order; None where a word stands that the alphabet cannot spell.

    Parameters
    ----------
    characters
        What words are made of. The alphabet's other characters, and white space, stand between words.
    """
    split = _splitter(alphabet, characters)
    for text in texts:
        yield from split(text)


def counted_words(source: Path | Iterable[str], alphabet: Alphabet, characters: str) -> Counter[str]:
    """The words of a lexicon and how often each occurs.

    Parameters
    ----------
    source
        A file of one word a line, perhaps followed by a tab and a count, or an iterable of words.

    Raises
    ------
    InputError
        If the file cannot be read, or holds a count that is none.
    """
    split = _splitter(alphabet, characters)
    counts: Counter[str] = Counter()
    for entry, count in entries(source):
        if count and not (count.isascii() and count.strip().isdigit() and len(count) < 16):
            raise InputError(f"after {entry!r} and a tab a count is wanted, a whole number, not {count!r}")
        for word in split(entry):
            if word is not None:
                counts[word] += int(count or 1)
    return counts


def _splitter(alphabet: Alphabet, characters: str) -> Callable[[str], list[str | None]]:
    between = "".join(character for character in alphabet.characters if character not in characters)
    pieces = re.compile(f"[^\\s{re.escape(between)}]+").findall
    allowed = frozenset(characters)
    return lambda text: [piece if allowed.issuperset(piece) else None for piece in pieces(text)]


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or with a NUL
        return False
