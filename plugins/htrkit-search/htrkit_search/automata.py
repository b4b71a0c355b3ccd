"""The automaton of a pattern: which label may follow which, over an alphabet whose labels were put into groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import UsageError
from htrkit_search.kernel import Automaton

ANY, STAR, GAP = "?", "*", " "
"""Units that are no letters: any one letter, any number of letters, one sign or more between words."""
FREE = (ANY, STAR, GAP)
EDIT = 0.02
"""The factor for each letter that is another, missing or too many."""
MOST_STATES = 200
"""Of an automaton: several ``*`` in a word, and ``?`` after them, may ask for any number."""
START = 0

Sources = dict[int, float]
"""Nodes after which a pattern may go on, with a factor each."""
State = frozenset[int]
"""How many of a pattern's units may have been read."""


@dataclass(frozen=True, slots=True)
class Groups:
    """An alphabet's labels in groups.

    Attributes
    ----------
    of
        (labels,) the group of each.
    sizes, between
        (groups,) how many labels each has; 1 if these stand between words.
    sets
        The group of each unit of a pattern, and of labels that stand for several of its letters at once.
    named
        The number of the first group that no unit names; from here on are the other letters.
    """

    of: NDArray[np.int64]
    sizes: NDArray[np.int64]
    between: NDArray[np.int64]
    sets: Mapping[str, int]
    named: int

    def letters(self) -> list[int]:
        """The groups that ``?`` stands for."""
        sets = {group for unit, group in self.sets.items() if unit != GAP and not self.between[group]}
        return [*sorted(sets), *range(self.named, len(self.sizes))]


class _Nodes:
    """Nodes and the ways into them, as they come."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self.reads: list[tuple[int, ...]] = [()]
        self.ways: list[list[tuple[int, float]]] = [[]]

    def add(self, reads: Sequence[int], ways: Sources) -> int:
        """A node that reads one of some groups of labels."""
        self.reads.append(tuple(reads))
        self.ways.append(list(ways.items()))
        return len(self.reads) - 1

    def automaton(self, ends: Sources) -> Automaton:
        """All of them, as arrays."""
        named = self._groups.named
        alone = [reads[0] if len(reads) == 1 and reads[0] < named else -1 for reads in self.reads]
        several = [number for number, reads in enumerate(self.reads) if reads and alone[number] < 0]
        rows = np.zeros((len(several), len(self._groups.sizes)), np.uint8)
        row_of = np.full(len(self.reads), -1, np.int64)
        for row, number in enumerate(several):
            rows[row, list(self.reads[number])] = 1
            row_of[number] = row
        ways = [way for node in self.ways for way in node]
        return Automaton(
            groups=np.array(alone, np.int64),
            several=row_of,
            reads=rows,
            first=np.cumsum([0, *map(len, self.ways)], dtype=np.int64),
            sources=np.array([source for source, _ in ways], np.int64),
            weights=np.array([weight for _, weight in ways], np.float64),
            ends=np.array([ends.get(node, 0.0) for node in range(len(self.reads))], np.float64),
            group_of=self._groups.of,
            sizes=self._groups.sizes,
            between=self._groups.between,
            named=named,
        )


def automaton(units: Sequence[str], groups: Groups, tolerance: int) -> Automaton:
    """The automaton of a pattern.

    A word that it accepts counts once, however many ``*`` it can be divided between. With a tolerance it counts for
    each way to make it of the pattern by so many edits, with `EDIT` for each of these.

    Parameters
    ----------
    units
        Letters, and `FREE` units.
    tolerance
        How many letters may be others, missing or too many.

    Raises
    ------
    UsageError
        If it would be too large.
    """
    words = "".join(units).split(GAP)
    if not tolerance and any(word.count(STAR) > 1 for word in words):
        return _once(units, groups)
    return _by_layers(units, groups, tolerance)


def _letters_at(units: Sequence[str], groups: Groups) -> dict[int, list[tuple[int, int]]]:
    """Where one label stands for several letters of a pattern: after how many units, for how many, its group."""
    found: dict[int, list[tuple[int, int]]] = {}
    for written, group in groups.sets.items():
        for at in range(len(units) - len(written) + 1 if len(written) > 1 else 0):
            if tuple(units[at : at + len(written)]) == tuple(written):
                found.setdefault(at, []).append((len(written), group))
    return found


def _by_layers(units: Sequence[str], groups: Groups, tolerance: int) -> Automaton:
    """The units one after the other, a layer for each number of edits."""
    nodes, ends = _Nodes(groups), Sources()
    any_letter, long_labels = groups.letters(), _letters_at(units, groups)
    below: list[Sources] = []
    for edits in range(tolerance + 1):
        after: list[Sources] = [{} for _ in range(len(units) + 1)]
        if not edits:
            after[0][START] = 1.0
        for number in range(len(units) + 1):
            unit = units[number - 1] if number else ""
            before, here = after[number - 1] if number else {}, after[number]
            if unit == STAR:
                here |= before  # no letter at all
            if before and unit:
                node = nodes.add(any_letter if unit in (ANY, STAR) else [groups.sets[unit]], before)
                if unit in (STAR, GAP):
                    nodes.ways[node].append((node, 1.0))
                here[node] = 1.0
            if edits:
                firm = unit == ANY or (unit != "" and unit not in FREE)
                here |= _scaled(below[number - 1], EDIT) if firm else {}  # the letter is missing
                wrong = _scaled(below[number], EDIT) | (_scaled(below[number - 1], EDIT) if firm else {})
                here[nodes.add(any_letter, wrong)] = 1.0  # a letter too many, or another one
            for length, group in long_labels.get(number, ()):
                if here:
                    after[number + length][nodes.add([group], here)] = 1.0
        ends |= after[-1]
        below = after
    return nodes.automaton(ends)


def _scaled(sources: Sources, factor: float) -> Sources:
    return {source: weight * factor for source, weight in sources.items()}


def _once(units: Sequence[str], groups: Groups) -> Automaton:
    """An automaton that has one way for a word at most: its states are sets of numbers of units that may be read."""
    nodes, ends = _Nodes(groups), Sources()
    begin = _closed({0}, units)
    steps: dict[State, dict[State, tuple[int, ...]]] = {}
    todo = [begin]
    while todo:
        state = todo.pop()
        if state not in steps:
            steps[state] = _steps(state, units, groups)
            todo += steps[state]
        if len(steps) > MOST_STATES:
            raise UsageError(f"{''.join(units)!r} has too many wildcards: leave some out")
    at: dict[State, dict[tuple[int, ...], int]] = {begin: {(): START}}
    for targets in steps.values():
        for target, reads in targets.items():
            known = at.setdefault(target, {})
            if reads not in known:
                known[reads] = nodes.add(reads, {})
    for state, targets in steps.items():
        for target, reads in targets.items():
            nodes.ways[at[target][reads]] += [(node, 1.0) for node in at[state].values()]
        if len(units) in state:
            ends |= dict.fromkeys(at[state].values(), 1.0)
    return nodes.automaton(ends)


def _steps(state: State, units: Sequence[str], groups: Groups) -> dict[State, tuple[int, ...]]:
    """The states after one more label, each with the groups that lead to it."""
    found: dict[State, tuple[int, ...]] = {}
    long_labels = _letters_at(units, groups)
    letters = groups.letters()
    for group in dict.fromkeys([*letters, *groups.sets.values()]):
        read = set()
        for number in state:
            unit = units[number] if number < len(units) else ""
            if unit == STAR and group in letters:
                read.add(number)
            elif (unit == ANY and group in letters) or (unit not in ("", STAR, ANY) and groups.sets[unit] == group):
                read.add(number + 1)
            if number and units[number - 1] == GAP and groups.sets[GAP] == group:
                read.add(number)
            read |= {number + length for length, one in long_labels.get(number, ()) if one == group}
        if read:
            target = _closed(read, units)
            found[target] = (*found.get(target, ()), group)
    return found


def _closed(numbers: set[int], units: Sequence[str]) -> State:
    """With those that may be read without a letter."""
    found = set(numbers)
    for number in numbers:
        while number < len(units) and units[number] == STAR:
            number += 1
            found.add(number)
    return frozenset(found)
