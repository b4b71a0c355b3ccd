"""The automaton of a pattern: which label may follow which, over an alphabet whose labels were put into groups."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from htrkit import UsageError
from htrkit_search.kernel import Automaton

ANY, STAR, GAP = "?", "*", " "
"""Units that are no letters: any one letter, any number of letters, one sign or more between words."""
FREE = (ANY, STAR, GAP)
MORE = "\n"
"""What a gap is followed by here: any number of signs."""
EDIT = 0.02
"""The factor for each letter that is another, missing or too many."""
MOST_STATES = 400
"""Of an automaton: several ``*`` in a word, and ``?`` after them, may ask for any number."""

State = TypeVar("State", bound=Hashable)
Edited = tuple[int, int]
"""A number of edits, and one of units that have been read."""


@dataclass(frozen=True, slots=True)
class Groups:
    """An alphabet's labels in groups.

    Attributes
    ----------
    of
        (labels,) the group of each.
    sizes
        (groups,) how many labels each has.
    texts
        What the labels of each stand for: units of the pattern, `ANY` for a letter that is none of them, `GAP` for such
        a sign; empty for what no pattern reads.
    closes, opens
        (groups,) 1 if a word ends before these labels, and if one may begin after them.
    named
        The number of the first group that no unit names; from here on are the other letters.
    """

    of: NDArray[np.int64]
    sizes: NDArray[np.int64]
    texts: Sequence[str]
    closes: NDArray[np.int64]
    opens: NDArray[np.int64]
    named: int


@dataclass(frozen=True, slots=True)
class _Node(Generic[State]):
    """The groups that a node reads, the state that it is of, and those that it comes from, with a factor each."""

    reads: list[int]
    target: State | None
    sources: Mapping[State | None, float]


class Reading(Protocol, Generic[State]):
    """How a pattern is read: from state to state, with each letter or sign."""

    begin: State

    def step(self, state: State, sign: str) -> Mapping[State, float]:
        """The states after it, each with a factor."""
        ...

    def ending(self, state: State) -> float:
        """The factor with which the pattern ends; 0 if it does not."""
        ...


def automaton(units: Sequence[str], groups: Groups, tolerance: int) -> Automaton:
    """The automaton of a pattern.

    A word that it accepts counts once, however many ``*`` it can be divided between. With a tolerance it counts for
    each way to make it of the pattern by so many edits, with `EDIT` for each of these.

    Parameters
    ----------
    units
        Letters, signs and `FREE` units.
    tolerance
        How many letters may be others, missing or too many.

    Raises
    ------
    UsageError
        If it would be too large.
    """
    term = "".join(units)
    units = term.replace(GAP, GAP + MORE)
    if not tolerance and any(word.count(STAR) > 1 for word in term.split(GAP)):
        made = _built(_Once(units), groups)
    else:
        made = _built(_EachWay(units, tolerance), groups)
    if made is None:
        raise UsageError(f"{term!r} is too long, or has too many wildcards: leave some out")
    return made


class _EachWay:
    """Every way to read a text counts."""

    begin = (0, 0)

    def __init__(self, units: str, tolerance: int) -> None:
        self._units, self._tolerance = units, tolerance

    def step(self, state: Edited, sign: str) -> dict[Edited, float]:
        """As of `Reading`."""
        found: dict[Edited, float] = {}
        for (edits, at), factor in self._closed(state).items():
            for target, other in self._next(edits, at, sign):
                found[target] = found.get(target, 0.0) + factor * other
        return found

    def ending(self, state: Edited) -> float:
        """As of `Reading`."""
        return sum(factor for (_, at), factor in self._closed(state).items() if at == len(self._units))

    def _next(self, edits: int, at: int, sign: str) -> Iterator[tuple[Edited, float]]:
        unit = self._units[at : at + 1]
        for target in _after(unit, at, sign):
            yield (edits, target), 1.0
        if edits < self._tolerance and is_letter(sign, ANY) and unit != MORE:
            yield (edits + 1, at), EDIT  # a letter too many
            if unit not in ("", STAR, GAP):
                yield (edits + 1, at + 1), EDIT  # another one

    def _closed(self, state: Edited) -> dict[Edited, float]:
        """With those behind letters that are missing, or need not be there."""
        found = {state: 1.0}
        for at in range(state[1], len(self._units)):
            free, missing = self._units[at] in (STAR, MORE), self._units[at] != GAP
            for edits in range(self._tolerance + 1):
                factor, target = found.get((edits, at), 0.0), (edits if free else edits + 1, at + 1)
                if factor and (free or (missing and edits < self._tolerance)):
                    found[target] = found.get(target, 0.0) + factor * (1.0 if free else EDIT)
        return found


class _Once:
    """A text counts once: a state is a set of numbers of units that may have been read."""

    def __init__(self, units: str) -> None:
        self._units = units
        self.begin = self._closed({0})

    def step(self, state: frozenset[int], sign: str) -> dict[frozenset[int], float]:
        """As of `Reading`."""
        found = self._closed({target for at in state for target in _after(self._units[at : at + 1], at, sign)})
        return {found: 1.0} if found else {}

    def ending(self, state: frozenset[int]) -> float:
        """As of `Reading`."""
        return float(len(self._units) in state)

    def _closed(self, numbers: set[int]) -> frozenset[int]:
        """With those behind what need not be there."""
        found = set(numbers)
        for number in numbers:
            while self._units[number : number + 1] in (STAR, MORE):
                number += 1
                found.add(number)
        return frozenset(found)


def _after(unit: str, at: int, sign: str) -> Iterator[int]:
    """How many units have been read when so many had been, and a letter or sign is read as the next."""
    if (unit == STAR and is_letter(sign, ANY)) or (unit == MORE and sign == GAP):
        yield at
    elif (unit == ANY and is_letter(sign, ANY)) or (unit == sign and unit != ANY):
        yield at + 1


def is_letter(character: str, *others: str) -> bool:
    """Whether a character belongs to words: a letter, a figure, a mark on one, or one of some ``others``."""
    return character.isalnum() or unicodedata.category(character)[0] == "M" or character in others


def _read(reading: Reading[State], state: State, text: str) -> tuple[dict[State, float], float]:
    """The states after a text, each with a factor; and with which factor the pattern has ended within the text."""
    states, ended = {state: 1.0}, 0.0
    for at, sign in enumerate(text):
        if at and not is_letter(sign, ANY):
            ended += sum(factor * reading.ending(state) for state, factor in states.items())
        after: dict[State, float] = {}
        for state, factor in states.items():
            for target, other in reading.step(state, sign).items():
                after[target] = after.get(target, 0.0) + factor * other
        states = after
    return states, ended


def _built(reading: Reading[State], groups: Groups) -> Automaton | None:
    """A node for each state, and for the groups that lead there in the same ways; None if there are too many."""
    by_text: dict[str, list[int]] = {}
    for group, text in enumerate(groups.texts):
        by_text.setdefault(text, []).append(group)
    by_text.pop("", None)
    ways = _ways(reading, by_text)
    if len(ways) > MOST_STATES:
        return None
    nodes, within = [_Node([], reading.begin, {})], list[_Node[State]]()
    for target, by in ways.items():
        alike: dict[Hashable, _Node[State]] = {}
        for text, states in by.items():
            for group in by_text[text]:
                # the kernel knows of a node that reads several groups that they are letters
                alone = None if all(is_letter(sign, ANY) for sign in text) else group
                key = (frozenset(states.items()), alone)
                alike.setdefault(key, _Node([], target, states)).reads.append(group)
        (within if target is None else nodes).extend(alike.values())
    numbers: dict[State | None, list[int]] = {None: [len(nodes)]}
    for number, node in enumerate(nodes):
        numbers.setdefault(node.target, []).append(number)
    ends = [0.0 if node.target is None else reading.ending(node.target) for node in nodes]
    if any(None in node.sources for node in (*nodes, *within)):
        nodes.append(_Node([], None, {}))
    return _arrays([*nodes, *within], numbers, ends, len(nodes), groups)


def _ways(reading: Reading[State], texts: Iterable[str]) -> dict[State | None, dict[str, dict[State | None, float]]]:
    """Into each state, with each text: the states that it comes from, and the factors.

    None is where the pattern has ended within a text; and, to come from, any place from which it begins within a text.
    """
    ways: dict[State | None, dict[str, dict[State | None, float]]] = {reading.begin: {}}
    todo = [reading.begin]

    def come(source: State | None, text: str, targets: Mapping[State, float], ended: float) -> None:
        for target, factor in [*targets.items(), *([(None, ended)] if ended else [])]:
            if target is not None and target not in ways:
                todo.append(target)
            into = ways.setdefault(target, {}).setdefault(text, {})
            into[source] = into.get(source, 0.0) + factor

    for text in texts:
        for at in range(1, len(text)):
            if not is_letter(text[at - 1], ANY):
                come(None, text, *_read(reading, reading.begin, text[at:]))
    while todo and len(ways) <= MOST_STATES:
        state = todo.pop()
        for text in texts:
            come(state, text, *_read(reading, state, text))
    return ways


def _arrays(
    nodes: Sequence[_Node[State]],
    numbers: Mapping[State | None, Sequence[int]],
    ends: Sequence[float],
    inside: int,
    groups: Groups,
) -> Automaton:
    """Nodes as arrays; ``numbers`` says which are of a state, and which is that for any place, if there is one."""
    reads = [node.reads for node in nodes]
    alone = [read[0] if len(read) == 1 and read[0] < groups.named else -1 for read in reads]
    several = [number for number, read in enumerate(reads) if read and alone[number] < 0]
    rows = np.zeros((len(several), len(groups.sizes)), np.uint8)
    row_of = np.full(len(reads), -1, np.int64)
    for row, number in enumerate(several):
        rows[row, reads[number]] = 1
        row_of[number] = row
    into = [[(number, factor) for state, factor in node.sources.items() for number in numbers[state]] for node in nodes]
    ways = [way for each in into for way in each]
    return Automaton(
        groups=np.array(alone, np.int64),
        several=row_of,
        reads=rows,
        first=np.cumsum([0, *map(len, into)], dtype=np.int64),
        sources=np.array([source for source, _ in ways], np.int64),
        weights=np.array([weight for _, weight in ways], np.float64),
        ends=np.pad(np.array(ends, np.float64), (0, len(nodes) - len(ends))),
        inside=inside,
        anywhere=len(ends) if len(ends) < inside else -1,
        group_of=groups.of,
        sizes=groups.sizes,
        closes=groups.closes,
        opens=groups.opens,
        signs=np.flatnonzero(groups.closes | groups.opens)[1:],
        named=groups.named,
    )
