"""The words of lexicons and texts in an alphabet's spelling, with an account of those that it cannot spell."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from htrkit import lexicons
from htrkit.alphabet import APOSTROPHES, Alphabet
from htrkit.decoders.notices import warn
from htrkit.errors import InputError, UsageError
from htrkit.resources import resource
from htrkit.texts import lines

Source = str | Path | Iterable[str]
"""A shipped name, a path, words, or a text."""

# Thai, Lao, Burmese, Khmer, Chinese, Japanese.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_APOSTROPHE = re.compile(f"[{APOSTROPHES}]").search
_TWINS = [dict.fromkeys(map(ord, APOSTROPHES), apostrophe) for apostrophe in APOSTROPHES]

LOST = 0.01
"""The share of a lexicon's entries that may be left out without a warning."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a lexicon that an alphabet can spell.

    Attributes
    ----------
    counts
        How often each word, in the alphabet's `characters`, was given.
    entries, respelt, dropped
        How many entries there were, how many are spelt in another way than they were written, how many are left out.
    missing
        The characters that those would need, the most frequent first.
    """

    counts: dict[str, int]
    entries: int
    respelt: int
    dropped: int
    missing: str

    @classmethod
    def read(
        cls, source: Source, alphabet: Alphabet, characters: str | None = None, *, capitals: bool = False
    ) -> Vocabulary:
        """The words of a lexicon; warns if entries are left out.

        Characters that the alphabet lacks are written as it writes them: accents with their letter or apart, and
        apostrophes.

        Parameters
        ----------
        source
            A shipped name, a file of one entry a line, perhaps with a tab and a count, or the entries themselves.
        characters
            What words are made of, and entries are taken apart at the alphabet's other characters and at white space;
            without it, entries stay whole.
        capitals
            Add words with their first letter, and with all letters, as capitals.

        Raises
        ------
        InputError
            If the file cannot be read, is empty, or holds a count that is none.
        UsageError
            If there is no such lexicon, or the alphabet can spell none of its words.
        """
        found = resolved(source)
        name = f" {found}" if isinstance(found, Path) else ""
        allowed = alphabet.characters if characters is None else characters
        pieces = str.splitlines if characters is None else _pieces(alphabet, characters)
        spell = _speller(alphabet, allowed)
        counts: Counter[str] = Counter()
        missing: Counter[str] = Counter()
        entries = respelt = dropped = 0
        if isinstance(found, Path):
            given = lexicons.entries(found)
        else:
            given = lexicons.whole_counts((word, count) for word, _, count in (line.partition("\t") for line in found))
        for entry, count in given:
            if count and not (count.isascii() and count.strip().isdigit() and len(count) < 16):
                raise InputError(f"after {entry!r} and a tab a count is wanted, a number, not {count!r}")
            written = pieces(entry)
            words = [spell(word) for word in written]
            for word in filter(None, words):
                counts[word] += int(count or 1)
            entries += bool(written)
            respelt += [word and alphabet.written(word) for word in words] != written
            if None in words:
                dropped += 1
                lost = (piece for piece, word in zip(written, words, strict=True) if word is None)
                missing.update(set(unicodedata.normalize("NFC", "".join(lost))).difference(allowed))
        if isinstance(found, Path) and not entries:
            raise InputError(f"the lexicon {found} holds no word; it needs one word a line")
        if not counts:
            raise UsageError(f"the network can spell no word of the lexicon{name}: choose one in its characters")
        most_missed = "".join(character for character, _ in missing.most_common())
        counts_of_all = also_written(counts, alphabet, allowed, capitals=capitals)
        vocabulary = cls(counts_of_all, entries, respelt - dropped, dropped, most_missed)
        if vocabulary.note:
            warn(f"the lexicon{name}: {vocabulary.note}")
        return vocabulary

    @property
    def note(self) -> str:
        """What a user has to know of it, in one sentence; empty if that is nothing."""
        if self.dropped <= LOST * self.entries:
            return ""
        shown = " ".join(map(repr, self.missing[:10])) + " …" * (len(self.missing) > 10)
        respelt = f", and {self.respelt} respelt" if self.respelt else ""
        return f"{self.dropped} of {self.entries} entries are left out{respelt}: the network does not read {shown}"


def word_characters(alphabet: Alphabet, given: str | None = None) -> str:
    """The characters of the alphabet that words are made of: those ``given``, or letters, accents and apostrophes.

    Raises
    ------
    UsageError
        If there is white space among those given.
    """
    if given is None:
        return "".join(
            character
            for character, label in zip(alphabet.characters, alphabet.labels, strict=True)
            if all(one.isalpha() or unicodedata.category(one).startswith("M") or one in APOSTROPHES for one in label)
        )
    if any(character.isspace() for character in given):
        raise UsageError("word_characters holds white space, which stands between words: leave it out")
    labels = zip(alphabet.characters, alphabet.labels, strict=True)
    return "".join(character for character, label in labels if set(given).issuperset(label))


def resolved(source: Source) -> Path | Iterable[str]:
    """What a ``lexicon`` or ``corpus`` option stands for: a file, or the words or lines themselves.

    A string with white space that is no file is a text.

    Raises UsageError if it is a name or path that does not exist.
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
    """The words of lines of text, in order, in the alphabet's `characters`; None where it cannot spell a word.

    Parameters
    ----------
    characters
        What words are made of. The alphabet's other characters, and white space, stand between words.
    """
    pieces, spell = _pieces(alphabet, characters), _speller(alphabet, characters)
    for text in texts:
        yield from map(spell, pieces(text))


def is_spaceless(text: str) -> bool:
    """Whether most characters of a text are of scripts that are written without spaces."""
    return 2 * len(_SPACELESS.findall(text)) > len(text)


def also_written(
    counts: Mapping[str, int], alphabet: Alphabet, characters: str, *, capitals: bool = False
) -> dict[str, int]:
    """Words with their counts, and as often the same with other apostrophes, and in ``capitals``, of ``characters``."""
    allowed, found = frozenset(characters), dict(counts)
    for spelt, count in counts.items():
        word = alphabet.written(spelt)
        forms = {word, *(word.translate(table) for table in _TWINS)} if _APOSTROPHE(word) else {word}
        if capitals:
            forms |= {form[:1].upper() + form[1:] for form in forms} | {form.upper() for form in forms}
        for form in map(alphabet.spelt, forms):
            if form not in found and allowed.issuperset(form):
                found[form] = count
    return found


def _pieces(alphabet: Alphabet, characters: str) -> Callable[[str], list[str]]:
    between = "".join(character for character in alphabet.characters if character not in characters)
    return re.compile(f"[^\\s{re.escape(between)}]+").findall


def _speller(alphabet: Alphabet, characters: str) -> Callable[[str], str | None]:
    """Writes words in some of an alphabet's `characters` only: gives None where it cannot, and the shortest spelling
    where it can.
    """
    allowed, table = frozenset(characters), _Respelling(characters)

    def spell(word: str) -> str | None:
        if word.isascii() and not alphabet.has_longer and allowed.issuperset(word):
            return word
        respelt = unicodedata.normalize("NFC", word).translate(table)
        spellings = map(alphabet.spelt, (word, respelt))
        return min(filter(allowed.issuperset, spellings), key=len, default=None)

    return spell


class _Respelling(dict[int, str]):
    """For `str.translate`: what stands for a character that is not allowed, if anything does."""

    def __init__(self, characters: str) -> None:
        self._allowed = frozenset(characters)

    def __missing__(self, point: int) -> str:
        character = chr(point)
        others = (unicodedata.normalize("NFD", character), *(APOSTROPHES if character in APOSTROPHES else ()))
        self[point] = next(filter(self._allowed.issuperset, (character, *others)), character)
        return self[point]


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or with a NUL
        return False
