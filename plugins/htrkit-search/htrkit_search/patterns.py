"""A query as patterns, and each pattern as an automaton over the network's labels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, UsageError
from htrkit.decoders import APOSTROPHES
from htrkit_search.kernel import (
    ALWAYS,
    ANY,
    BLANK,
    BOUNDARY,
    FROM_ANY,
    FROM_SET,
    LETTER,
    LETTERS,
    NEVER,
    OTHER_LETTER,
    SETS,
    STAR,
    Automaton,
)

LONGEST = 100
"""Characters of a term."""
MOST_TERMS = 10
MOST_EDITS = 2
EDIT = 0.02
"""The factor for each letter that is another, missing or too many."""
START = 0
FREE = ("?", "*", " ", "")
"""Units that are no letters; the last is a further sign between words, which need not be there."""

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))

Sources = dict[int, float]
"""Nodes after which a pattern may go on, with a factor each."""


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
    units = _units(folding(term))
    firm = [unit for unit in units if unit not in FREE]
    far = tuple(before in FREE for before, unit in zip(["", *units], units, strict=False) if unit not in FREE)
    if not 0 <= tolerance <= MOST_EDITS or (tolerance and len(firm) < 2 * tolerance + 1):
        raise UsageError(
            f"{term!r} with a tolerance of {tolerance} would be found everywhere; "
            f"a word needs {2 * tolerance + 1} letters for it, and {MOST_EDITS} is the most"
        )
    sets = {unit: number for number, unit in enumerate(sorted(set(firm) | ({" "} & set(units))), start=SETS)}
    between = [False, *(not is_letter(character) for character in alphabet.characters)]
    folded = ["", *map(folding, alphabet.characters)]
    group_of = np.array([sets.get(one, BOUNDARY if gap else LETTER) for one, gap in zip(folded, between, strict=True)])
    group_of[0] = BLANK
    if " " in sets:
        group_of[group_of == BOUNDARY] = sets[" "]
        sets[""] = sets[" "]
    letters = tuple(np.flatnonzero(group_of == sets[unit]) for unit in firm)
    if sum(len(labels) == 0 for labels in letters) > len(letters) // 2:
        raise UsageError(f"the model that the index was made with does not know the letters of {term!r}")
    return Pattern(term, _Builder(units, sets).built(group_of, np.array(between), tolerance), letters, far, tolerance)


def _units(term: str) -> list[str]:
    """Letters and signs one by one; a space becomes a sign between words, and another that need not be there."""
    return [
        unit for character in re.sub(r"\*+", "*", term) for unit in ((" ", "") if character == " " else (character,))
    ]


class _Builder:
    """Puts an automaton together, layer by layer of edits."""

    def __init__(self, units: list[str], sets: dict[str, int]) -> None:
        self._units, self._groups_of = units, sets
        self._kinds = [LETTERS]
        self._groups = [LETTER]
        self._ways: list[list[tuple[int, float, int]]] = [[]]

    def built(self, group_of: NDArray[np.int64], between: NDArray[np.bool_], tolerance: int) -> Automaton:
        """The automaton over labels of these groups, of which some stand between words."""
        ends: Sources = {}
        below: list[Sources] = []
        for edits in range(tolerance + 1):
            below = self._layer(below, edits)
            ends |= below[-1]
        ways = [way for node in self._ways for way in node]
        n_groups = max(self._groups_of.values(), default=0) + 1
        sizes = np.bincount(group_of, minlength=max(SETS, n_groups))
        return Automaton(
            np.array(self._kinds, np.int64),
            np.array(self._groups, np.int64),
            np.cumsum([0, *map(len, self._ways)], dtype=np.int64),
            np.array([source for source, _, _ in ways], np.int64),
            np.array([weight for _, weight, _ in ways], np.float64),
            np.array([mode for _, _, mode in ways], np.int64),
            np.array([ends.get(node, 0.0) for node in range(len(self._kinds))], np.float64),
            group_of.astype(np.int64),
            sizes.astype(np.int64),
            (np.bincount(group_of, weights=between, minlength=len(sizes)) > 0).astype(np.int64),
            int(any(kind != LETTERS for kind in self._kinds)),
        )

    def _layer(self, below: list[Sources], edits: int) -> list[Sources]:
        """Where a pattern stands after each number of units, with so many edits; ``below`` with one fewer."""
        after: list[Sources] = [{} if edits else {START: 1.0}]
        if edits:
            self._any_letter(after, below, 0)
        for number, unit in enumerate(self._units, start=1):
            before = after[-1]
            here: Sources = dict(before) if unit in ("*", "") else {}  # these may stand for nothing
            after.append(here)
            if before:
                here[self._node(unit, before)] = 1.0
            if edits:
                if unit == "?" or unit not in FREE:
                    here |= _scaled(below[number - 1], EDIT)  # the letter is missing
                self._any_letter(after, below, number)
        return after

    def _any_letter(self, after: list[Sources], below: list[Sources], number: int) -> None:
        """A letter too many after so many units, or another instead of the last one."""
        ways = _scaled(below[number], EDIT)
        if number and (self._units[number - 1] == "?" or self._units[number - 1] not in FREE):
            ways |= _scaled(below[number - 1], EDIT)
        after[number][self._node("?", ways)] = 1.0

    def _node(self, unit: str, ways: Sources) -> int:
        kind = {"?": ANY, "*": STAR}.get(unit, LETTERS)
        group = self._groups_of.get(unit, LETTER)
        self._kinds.append(kind)
        self._groups.append(group)
        self._ways.append([(source, weight, self._mode(source, kind, group)) for source, weight in ways.items()])
        return len(self._kinds) - 1

    def _mode(self, source: int, kind: int, group: int) -> int:
        if source == START:
            return ALWAYS
        if self._kinds[source] == LETTERS:
            if kind != LETTERS:
                return FROM_SET
            return NEVER if self._groups[source] == group else ALWAYS
        return OTHER_LETTER if kind == LETTERS else FROM_ANY


def _scaled(sources: Sources, factor: float) -> Sources:
    return {source: weight * factor for source, weight in sources.items()}


def is_letter(character: str) -> bool:
    """Whether a character belongs to words: a letter, a figure, or a mark on one."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"
