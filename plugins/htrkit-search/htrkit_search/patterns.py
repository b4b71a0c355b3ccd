"""A query as patterns, and each pattern as an automaton over the network's labels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, UsageError
from htrkit.decoders import APOSTROPHES
from htrkit_search.automata import ANY, FREE, GAP, STAR, Groups, automaton
from htrkit_search.kernel import BLANK, BOUNDARY, SETS, Automaton

LONGEST = 100
"""Characters of a term."""
MOST_TERMS = 10
MOST_EDITS = 2

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))


@dataclass(frozen=True, slots=True)
class Folding:
    """What makes no difference between letters.

    Attributes
    ----------
    case, accents
        Whether capitals, and accents and other marks, count.
    """

    case: bool = False
    accents: bool = False

    def __call__(self, text: str) -> str:
        """A text as it is compared."""
        text = unicodedata.normalize("NFC" if self.accents else "NFKD", text).translate(_APOSTROPHES)
        if not self.accents:
            text = "".join(character for character in text if not unicodedata.combining(character))
        return text if self.case else text.casefold()


def terms_of(query: str) -> list[str]:
    """The words of a query; what stands in double quotes is one term.

    Raises
    ------
    UsageError
        If there is none, there are too many, or one has no letter or is too long.
    """
    terms = [" ".join((phrase or word).split()) for phrase, word in _TERM.findall(query)]
    terms = [term for term in terms if term]
    if not 1 <= len(terms) <= MOST_TERMS:
        raise UsageError(f"the query has {len(terms)} words; give 1 to {MOST_TERMS}")
    for term in terms:
        if len(term) > LONGEST:
            raise UsageError(f"{term[:20]!r}… is longer than {LONGEST} characters")
        if not any(map(is_letter, term)):
            raise UsageError(f"{term!r} has no letter to look for")
    return terms


@dataclass(frozen=True, slots=True)
class Pattern:
    """A term of a query over an alphabet.

    Attributes
    ----------
    term
        As it was written.
    automaton
        What accepts it.
    letters
        The labels of each of its letters; wildcards have none.
    far
        Whether other letters may stand before each.
    tolerance
        How many of these may be others, missing or too many.
    """

    term: str
    automaton: Automaton
    letters: tuple[NDArray[np.int64], ...]
    far: tuple[bool, ...]
    tolerance: int


def pattern(term: str, alphabet: Alphabet, folding: Folding, *, tolerance: int = 0) -> Pattern:
    """The pattern of a term.

    Parameters
    ----------
    term
        ``?`` stands for any one letter, ``*`` for any number of them, a space for what stands between words.
    tolerance
        How many letters may be others, missing or too many.

    Raises
    ------
    UsageError
        If the network knows no letter of the term, or the tolerance would let every word pass.
    """
    units = re.sub(r"([* ])\1+", r"\1", folding(term))
    firm = [unit for unit in units if unit not in FREE]
    far = tuple(before in FREE for before, unit in zip(["", *units], units, strict=False) if unit not in FREE)
    if not 0 <= tolerance <= MOST_EDITS or (tolerance and len(firm) < 2 * tolerance + 1):
        raise UsageError(
            f"{term!r} with a tolerance of {tolerance} would be found everywhere; "
            f"a word needs {2 * tolerance + 1} letters for it, and {MOST_EDITS} is the most"
        )
    groups = _groups(units, alphabet, folding)
    letters = tuple(
        np.flatnonzero(np.isin(groups.of, [group for unit, group in groups.sets.items() if letter in unit]))
        for letter in firm
    )
    if sum(len(labels) == 0 for labels in letters) > len(letters) // 2:
        raise UsageError(f"the model that the index was made with does not know the letters of {term!r}")
    return Pattern(term, automaton(units, groups, tolerance), letters, far, tolerance)


def _groups(units: str, alphabet: Alphabet, folding: Folding) -> Groups:
    """An alphabet's labels in groups: those that are equal when folded.

    A mark that folding takes off its letter is for CTC what the blank is: with it or without, the text is the same.
    """
    folded = list(map(folding, alphabet.characters))
    long = {one for one in folded if len(one) > 1 and one in units and all(map(is_letter, one))}
    sets = {one: number for number, one in enumerate(sorted({*units, *long} - {ANY, STAR}), start=SETS)}
    named = SETS + len(sets)
    others: dict[str, int] = {}
    of = [BLANK]
    for character, one in zip(alphabet.characters, folded, strict=True):
        if one in sets:
            of.append(sets[one])
        elif not is_letter(character):
            of.append(sets.get(GAP, BOUNDARY))
        elif not one:
            of.append(BLANK)
        else:
            of.append(others.setdefault(one, named + len(others)))
    between = np.zeros(named + len(others), np.int64)
    between[[BOUNDARY, *(group for one, group in sets.items() if not any(map(is_letter, one)))]] = 1
    sizes = np.bincount(of, minlength=len(between))
    return Groups(np.array(of, np.int64), sizes.astype(np.int64), between, sets, named)


def is_letter(character: str) -> bool:
    """Whether a character belongs to words: a letter, a figure, or a mark on one."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"
