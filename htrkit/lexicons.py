"""Lexicons: what counts as a word in a text, and word lists by name, by path or from Python."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from htrkit.errors import InputError
from htrkit.resources import resource, shipped
from htrkit.texts import lines

KIND = "lexicon"

# Letters; apostrophes and hyphens join them. Digits and punctuation are no words: decoders leave them free.
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![^\W_])")


def words_in(text: str) -> list[str]:
    """The words of a text in order: runs of letters, which single apostrophes and hyphens may join.

    >>> words_in("On the 3rd Mr. Gaitskell's 'well-known' friends, the boys', don't come.")
    ['On', 'the', 'Mr', "Gaitskell's", 'well-known', 'friends', 'the', 'boys', "don't", 'come']
    """
    return _WORD.findall(text)


def build(texts: Iterable[str], *, min_count: int = 1) -> dict[str, int]:
    """The words of lines of text that occur at least ``min_count`` times, with their counts, sorted by code point.

    Words in different capitals are different words.
    """
    counts = Counter(word for text in texts for word in words_in(text))
    return {word: count for word, count in sorted(counts.items()) if count >= min_count}


def load(lexicon: str | Path | Iterable[str]) -> list[str]:
    """The distinct words of a lexicon, sorted by code point.

    Parameters
    ----------
    lexicon
        A shipped name (``english``), the path of a file with one word a line (UTF-8; .gz, .xz and .bz2 are unpacked;
        blank lines are skipped, as is what follows a tab: a count), or the words themselves.

    Raises
    ------
    UsageError
        If there is no such name and no such file.
    InputError
        If the file cannot be read, is not UTF-8, or holds no word.
    """
    if not isinstance(lexicon, str | Path):
        return sorted({word for word in lexicon if word})
    path = resource(KIND, lexicon)
    words = sorted({word for line in lines(path) if (word := line.partition("\t")[0].strip())})
    if not words:
        raise InputError(f"the lexicon {path} holds no word; it needs one word a line")
    return words


def english() -> Path:
    """The English word list that htrkit ships."""
    return shipped("english", "words.txt")
