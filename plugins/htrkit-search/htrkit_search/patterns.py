"""A query as patterns, and each pattern as an automaton over the network's labels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, UsageError
from htrkit.decoders import APOSTROPHES
from htrkit_search.automata import ANY, FREE, GAP, STAR, Groups, automaton, is_letter
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
    exact = not tolerance and len(firm) == len(units)
    letters = tuple(
        np.flatnonzero(
            np.isin(
                groups.of,
                [
                    number
                    for number, text in enumerate(groups.texts)
                    if letter in text and not (exact and text not in units)
                ],
            )
        )
        for letter in firm
    )
    if sum(len(labels) == 0 for labels in letters) > len(letters) // 2:
        raise UsageError(f"the model that the index was made with does not know the letters of {term!r}")
    return Pattern(term, automaton(units, groups, tolerance), letters, far, tolerance)


def letters_of(label: str) -> int:
    """How many letters of a term a label stands for at most, however it is folded."""
    return max(len(Folding(accents=accents)(label)) for accents in (False, True))


def _groups(units: str, alphabet: Alphabet, folding: Folding) -> Groups:
    """An alphabet's labels in groups: those that are equal when folded.

    A mark that folding takes off its letter is for CTC what the blank is: with it or without, the text is the same.
    """
    labels = [(one := folding(label), _text(label, one, units)) for label in alphabet.labels]
    named = {(unit, unit) for unit in units if unit not in (ANY, STAR)}
    for one, text in labels:
        is_sign = not all(is_letter(sign, ANY) for sign in text)
        if text.strip(GAP) and (is_sign or (text == one and one in units)):
            named.add((one, text))
    number_of = {each: number for number, each in enumerate(sorted(named), start=SETS)}
    of = [BLANK]
    for one, text in labels:
        if text.strip(GAP):
            of.append(number_of.setdefault((one, text), SETS + len(number_of)))
        else:
            of.append(number_of.get((GAP, GAP), BOUNDARY) if text else BLANK)
    texts = ["", "", *(text for _, text in number_of)]
    closes, opens = (
        np.array([0, 1, *(not is_letter(text[end], ANY) for text in texts[SETS:])], np.int64) for end in (0, -1)
    )
    sizes = np.bincount(of, minlength=len(texts)).astype(np.int64)
    return Groups(np.array(of, np.int64), sizes, texts, closes, opens, SETS + len(named))


def _text(label: str, folded: str, units: str) -> str:
    """What a label stands for, as `Groups` has it."""
    letters = any(map(is_letter, label)) or folded in units
    return "".join(
        sign if sign in units and sign not in FREE else ANY if letters and is_letter(sign) else GAP for sign in folded
    )
