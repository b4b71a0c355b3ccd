"""Lexicons: what counts as a word in a text, and word lists in files."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from htrkit.resources import shipped
from htrkit.texts import lines

# Letters; apostrophes and hyphens join them. Digits and punctuation are no words: decoders leave them free.
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![^\W_])")
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
# How published frequency lists are often written, and what `uniq -c` writes.
_WITH_COUNT = {
    "ends in": re.compile(r"\s*(?P<word>\S.*?)[\s,;]+(?P<count>\d{1,15})\s*", re.ASCII),
    "begins with": re.compile(r" +(?P<count>\d{1,15}) (?P<word>\S.*?)\s*", re.ASCII),
}


LONGEST = 300
"""Characters of a line that may hold a word and its count."""


class _AsLetters(dict[int, str]):
    """For `str.translate`: a letter for each mark and joiner, which stand inside words of many scripts."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = "x" if character in JOINERS or unicodedata.category(character)[0] == "M" else character
        return self[code]


_AS_LETTERS = _AsLetters()


def words_in(text: str) -> list[str]:
    """The words of a text in order: runs of letters with their marks, which single apostrophes and hyphens may join.

    They come in Unicode's normal form C.

    >>> words_in("On the 3rd Mr. Gaitskell's 'well-known' friends, the boys', don't come.")
    ['On', 'the', 'Mr', "Gaitskell's", 'well-known', 'friends', 'the', 'boys', "don't", 'come']
    """
    if text.isascii():  # as most texts are; found in a third of the time
        return _WORD.findall(text)
    text = unicodedata.normalize("NFC", text)
    found = (text[match.start() : match.end()] for match in _WORD.finditer(text.translate(_AS_LETTERS)))
    return [word for word in (word.strip(JOINERS) for word in found) if word]


def build(texts: Iterable[str], *, min_count: int = 1) -> dict[str, int]:
    """The words of lines of text that occur at least ``min_count`` times, with their counts, sorted by code point.

    Words in different capitals are different words.
    """
    counts = Counter(word for text in texts for word in words_in(text))
    return {word: count for word, count in sorted(counts.items()) if count >= min_count}


def entries(source: Path | Iterable[str]) -> list[tuple[str, str]]:
    """The lines of a word list: a word, and what stands after a tab, its count; empty where there is no tab.

    If every line of a file ends in a number after a space or comma, or begins with spaces and a number, as in many
    frequency lists, that is the count, and a warning says so.

    Raises InputError if the file cannot be read, or is not UTF-8.
    """
    found = lines(source) if isinstance(source, Path) else source
    rows = [line.partition("\t") for line in found if line and not line.isspace()]
    if isinstance(source, Path) and len(rows) > 1 and not any(tab for _, tab, _ in rows):
        for where, form in _WITH_COUNT.items():
            counted = [match for word, _, _ in rows if len(word) <= LONGEST and (match := form.fullmatch(word))]
            if len(counted) == len(rows):
                said = f"{source}: every line {where} a number, which is taken for the word's count"
                warnings.warn(said, stacklevel=2)
                return [(match["word"], match["count"]) for match in counted]
    return [(word.strip(), count) for word, _, count in rows]


def english() -> Path:
    """The English word list that htrkit ships."""
    return shipped("english", "words.txt")
