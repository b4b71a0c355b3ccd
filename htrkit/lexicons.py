"""Lexicons: what counts as a word in a text, and word lists in files."""

from __future__ import annotations

import math
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from htrkit.resources import shipped
from htrkit.texts import lines

# Letters; apostrophes and hyphens join them. Digits and punctuation are no words: decoders leave them free.
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![^\W_])")
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_NUMBER = r"\d{1,15}(?:\.\d{1,30})?(?:[eE][-+]?\d{1,2})?"
# Commas stand for points, as in 0,0012, or between thousands.
_COUNT = rf"(?P<count>0,\d{{1,30}}|\d{{1,3}}(?:,\d{{3}})+|{_NUMBER})"
# How published frequency lists are often written, and what `uniq -c` writes.
_ENDS = re.compile(rf"\s*(?P<word>\S.*?)[\s,;]+{_COUNT}\s*", re.ASCII)
_BEGINS = re.compile(rf"\s*{_COUNT}[\s,;]+(?P<word>\S.*?)\s*", re.ASCII)
# After a count without blanks before it, most lines have a single word: `12 Church Street` is an address.
_SURELY_BEGINS = re.compile(r" +\d|\s*\S+?[\s,;]+\S+\s*$")
NEARLY_ALL = 0.95
"""The share of a list's lines that are written with a count, if it is a frequency list."""
MOST = 1_000_000_000
"""What the highest count becomes where counts are fractions."""
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

    If nearly every line of a file ends in a number after a space or comma, or begins with one, as in many frequency
    lists, that is the count, and a warning says so. Counts that are fractions become whole, as `whole_counts` does it.

    Raises InputError if the file cannot be read, or is not UTF-8.
    """
    found = lines(source) if isinstance(source, Path) else source
    rows = [line.partition("\t") for line in found if line and not line.isspace()]
    counted: list[tuple[str, str]] = []
    if isinstance(source, Path) and len(rows) > 1 and not any(tab for _, tab, _ in rows):
        counted = _counted([word for word, _, _ in rows], source)
    return whole_counts(counted or ((word.strip(), count) for word, _, count in rows))


def _counted(written: Sequence[str], source: Path) -> list[tuple[str, str]]:
    """The words and counts of a frequency list; nothing if it is none."""
    for where, form, surely in (("ends in", _ENDS, _ENDS), ("begins with", _BEGINS, _SURELY_BEGINS)):
        found = [form.fullmatch(line) if len(line) <= LONGEST else None for line in written]
        fitting = sum(bool(match and surely.match(match.string)) for match in found)
        if fitting >= NEARLY_ALL * len(written):
            every = "every line" if None not in found else "nearly every line"
            said = f"{source}: {every} {where} a number, which is taken for the word's count"
            warnings.warn(said, stacklevel=3)
            pairs = zip(found, written, strict=True)
            return [(match["word"], _plain(match["count"])) if match else (line.strip(), "") for match, line in pairs]
    return []


def _plain(count: str) -> str:
    return count.replace(",", "." if count.startswith("0,") else "")


def whole_counts(entries: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Words with their counts; if some of these are fractions, all become whole numbers in the same proportions.

    What is no number stays as it is. A word without a count keeps none.
    """
    rows = list(entries)
    written = {count for _, count in rows}
    numbers = {count: float(count) for count in written if re.fullmatch(_NUMBER, count.strip(), re.ASCII)}
    if all(count.strip().isdigit() for count in numbers):
        return rows
    scale = MOST / (max(numbers.values()) or 1.0)
    return [(word, str(math.ceil(numbers[count] * scale)) if count in numbers else count) for word, count in rows]


def english() -> Path:
    """The English word list that htrkit ships."""
    return shipped("english", "words.txt")
