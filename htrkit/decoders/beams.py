"""The beams of a search, and those that reached the ends of their lines, as flat arrays, and their upkeep.

The functions are plain Python that numba compiles as it stands, like those of `htrkit.decoders.kernel`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# For pseudo-random numbers and for the hash of a text: arithmetic modulo 2**63. Products wrap at 64 bits when compiled
# and do not when interpreted, but their low 63 bits are the same, so no unsigned type is needed.
MASK = 0x7FFFFFFFFFFFFFFF
MULTIPLIER = 0x5851F42D4C957F2D
INCREMENT = 0x14057B7EF767814F

REMEMBERED = 1 << 12
"""Answers of a character model that are kept: texts that are alike ask it the same, frame after frame."""

SORTED = 128
"""Up to so many beams are kept sorted, which is quicker than a heap, and brings the best to the front."""


class Work(NamedTuple):
    """Buffers of one search. A beam lives in one of ``2 * width`` slots and stays there as long as it is kept.

    Attributes
    ----------
    key, parent_key
        Hash of each beam's text, and of the text without its last letter.
    node, last, trail
        Where it is in the trie, its last label, its entry in the trails (of a new one: its parent's).
    blank, letter
        P of its paths that end in the blank, and in its last letter; language model included.
    next_blank, next_letter
        The same for the next frame.
    step, lift
        What the language model gave for the last letter, and the most that it can give for the next.
    state, words, raw, mean
        Of the language model: its state (or last word), whole words, ln P of them, ln of what it gives the text.
    word_state, spelling, spelt, closing
        With a word model: its state after the last whole word, hash of the one begun, ln of what the characters have
        given that, and what the word model, or bigrams, give if it ends there; negative if that was not asked for yet.
    ending
        Of a text that goes on from a figure: one more than its node among the figures' endings; 0 if it is at none.
    extended
        The last frame in which there was a beam of its text and one more letter.
    fresh
        1 for a beam without a trail of its own yet.
    alive, upcoming, score
        (width,) the slots of this frame's beams, of the next frame's, and what those score.
    free, retired
        (2 * width,) slots without a beam, and those whose beam will not see the next frame.
    table_stamp, table_beam
        (a power of two,) hash table from keys to slots.
    asked, given, then
        (a power of two,) what the character model was asked lately: the question, what it gave, and the state then.
    open_label, open_node
        (3 * labels + 1,) the extensions of one beam: free labels, begins of words, and what goes on with one.
    open_free, open_first, open_end
        (labels,) the free labels, the root's children, and the ends of words, that are probable enough in one frame.
    trail_parent, trail_label
        (frames * width + 1,) texts, as a tree.
    """

    key: Any
    parent_key: Any
    node: Any
    last: Any
    trail: Any
    blank: Any
    letter: Any
    next_blank: Any
    next_letter: Any
    score: Any
    step: Any
    lift: Any
    state: Any
    words: Any
    raw: Any
    mean: Any
    word_state: Any
    spelling: Any
    spelt: Any
    closing: Any
    ending: Any
    extended: Any
    fresh: Any
    alive: Any
    upcoming: Any
    free: Any
    retired: Any
    table_stamp: Any
    table_beam: Any
    asked: Any
    given: Any
    then: Any
    open_free: Any
    open_first: Any
    open_end: Any
    open_label: Any
    open_node: Any
    trail_parent: Any
    trail_label: Any

    @classmethod
    def room(cls, width: int, n_labels: int, n_frames: int, *, compiled: bool) -> Work:
        """Buffers for lines of at most so many frames: lists for the interpreter, arrays for the compiled kernel."""
        table = 1 << (4 * width - 1).bit_length()
        sizes = {"alive": width, "upcoming": width, "score": width, "table_stamp": table, "table_beam": table}
        sizes |= dict.fromkeys(("open_free", "open_first", "open_end"), n_labels + 1)
        sizes |= dict.fromkeys(("open_label", "open_node"), 3 * n_labels + 1)
        sizes |= dict.fromkeys(("asked", "given", "then"), REMEMBERED)
        sizes |= dict.fromkeys(("trail_parent", "trail_label"), n_frames * width + 1)
        floats = {"blank", "letter", "next_blank", "next_letter", "score", "step", "lift", "raw", "mean"}
        floats |= {"spelt", "closing", "given"}
        signed = {"key", "parent_key", "table_stamp", "state", "words", "word_state", "spelling", "asked", "then"}

        def buffer(name: str) -> Any:
            size = sizes.get(name, 2 * width)
            if not compiled:
                return [0.0 if name in floats else 0] * size
            # To index with a number that may be negative takes longer.
            return np.zeros(size, np.float64 if name in floats else np.int64 if name in signed else np.uint32)

        return cls(**{name: buffer(name) for name in cls._fields})


@dataclass(frozen=True, slots=True)
class Ending:
    """A beam that reached the end of its line: its text, ln of its weight, and where it stands in the trie."""

    labels: NDArray[np.int64]
    score: float
    node: int


class Endings(NamedTuple):
    """The beams at the end of several lines; those of line ``i`` begin at ``i * width``, best first.

    Attributes
    ----------
    count, bits
        (lines,) how many there are, and how far their weights were scaled up, by ``2**bits``.
    weight, node
        (lines * width,) of each: what it weighs, 0 where no allowed text is possible, and where it is in the trie.
    start, stop
        (lines * width,) its text is ``labels[start:stop]``.
    labels
        (at least all characters of all endings,) filled from the end on.
    """

    count: Any
    bits: Any
    weight: Any
    node: Any
    start: Any
    stop: Any
    labels: Any

    @classmethod
    def room(cls, n_lines: int, width: int, longest: int) -> Endings:
        """Room for so many lines of at most ``longest`` frames."""
        count, bits = (np.zeros(n_lines, np.int64) for _ in range(2))
        node, start, stop = (np.zeros(n_lines * width, np.int64) for _ in range(3))
        labels = np.empty(n_lines * width * longest, np.int64)  # most of it is never touched
        return cls(count, bits, np.zeros(n_lines * width), node, start, stop, labels)

    def of_line(self, line: int, width: int) -> Iterator[Ending]:
        """Those of one line, the best first."""
        bits = int(self.bits[line])
        for at in range(line * width, line * width + int(self.count[line])):
            weight = float(self.weight[at])
            score = math.log(weight) - bits * math.log(2) if weight > 0 else -math.inf
            yield Ending(self.labels[self.start[at] : self.stop[at]], score, int(self.node[at]))


def find(key: int, stamp: int, table_stamp: Any, table_beam: Any, keys: Any) -> int:
    """The table's place of ``key``, or the free one where it belongs."""
    mask = len(table_stamp) - 1
    place = (key ^ (key >> 29)) & mask
    while table_stamp[place] == stamp and keys[table_beam[place]] != key:
        place = (place + 1) & mask
    return place


def sink(place: int, size: int, work: Work) -> None:
    """Let an upcoming score sink until nothing lower lies below it: behind it, if sorted, or else in a heap."""
    slot, score = work.upcoming[place], work.score[place]
    if size <= SORTED:
        while place + 1 < size and work.score[place + 1] < score:
            work.upcoming[place], work.score[place] = work.upcoming[place + 1], work.score[place + 1]
            place += 1
    else:
        below = 2 * place + 1
        while below < size:
            if below + 1 < size:
                below += work.score[below + 1] < work.score[below]  # as in `sift`, without a branch
            if work.score[below] >= score:
                break
            work.upcoming[place], work.score[place] = work.upcoming[below], work.score[below]
            place, below = below, 2 * below + 1
    work.upcoming[place], work.score[place] = slot, score


def arrange(size: int, work: Work) -> float:
    """Sort the upcoming beams, or make them a heap, and return the score of the lowest, which is then the first."""
    for place in range(size - 2, -1, -1):
        sink(place, size, work)
    return float(work.score[0])


def start(width: int, state: int, word_state: int, work: Work) -> None:
    """Put the empty text, in the first states of the language, into slot 0."""
    for place in range(len(work.table_stamp)):
        work.table_stamp[place] = 0
    for slot in range(1, 2 * width):
        work.free[slot - 1] = slot
    for slot in range(2 * width):
        work.extended[slot] = 0
    work.alive[0] = 0
    work.key[0], work.parent_key[0], work.node[0], work.last[0], work.trail[0] = INCREMENT, -1, 0, 0, 0
    work.blank[0], work.letter[0], work.step[0], work.lift[0], work.fresh[0] = 1.0, 0.0, 1.0, 1.0, 0
    work.state[0], work.words[0], work.raw[0], work.mean[0], work.ending[0] = state, 0, 0.0, 0.0, 0
    work.word_state[0], work.spelling[0], work.spelt[0], work.closing[0] = word_state, INCREMENT, 0.0, -1.0
    work.trail_parent[0], work.trail_label[0] = 0, 0


def keep(count: int, cutoff: float, stamp: int, work: Work) -> tuple[int, int, float]:
    """Sort out the alive beams below the cutoff, and enter the others, by their text, into the table; the best is then
    the first.

    Returns how many are kept and how many retired, and the highest ``lift``.
    """
    n_kept, n_retired, most_lift, most = 0, 0, 1.0, 0.0
    for place in range(count):
        beam = work.alive[place]
        total = work.blank[beam] + work.letter[beam]
        if total > cutoff:
            work.alive[n_kept] = beam
            if total > most:
                most = total
                work.alive[n_kept], work.alive[0] = work.alive[0], beam
            n_kept += 1
            most_lift = max(most_lift, work.lift[beam])
            entry = find(work.key[beam], stamp, work.table_stamp, work.table_beam, work.key)
            work.table_stamp[entry] = stamp
            work.table_beam[entry] = beam
        else:
            work.retired[n_retired] = beam
            n_retired += 1
    return n_kept, n_retired, most_lift


def settle(count: int, scale: float, n_trails: int, work: Work) -> int:
    """Make the upcoming beams the alive ones, scaled, and give new ones a trail; returns how many trails there are."""
    for place in range(count):
        beam = work.upcoming[place]
        work.alive[count - 1 - place] = beam  # the lowest last
        work.blank[beam] = work.next_blank[beam] * scale
        work.letter[beam] = work.next_letter[beam] * scale
        if work.fresh[beam]:
            work.fresh[beam] = 0
            work.trail_parent[n_trails] = work.trail[beam]
            work.trail_label[n_trails] = work.last[beam]
            work.trail[beam] = n_trails
            n_trails += 1
    return n_trails


def rank(count: int, work: Work) -> None:
    """Sort the alive beams by what they weigh, best first; of equals the one that came first."""
    for place in range(count):
        beam = work.alive[place]
        weight = work.blank[beam] + work.letter[beam]
        while place > 0 and work.score[place - 1] < weight:
            work.alive[place] = work.alive[place - 1]
            work.score[place] = work.score[place - 1]
            place -= 1
        work.alive[place] = beam
        work.score[place] = weight


def spell(trail_parent: Any, trail_label: Any, trail: int, labels: Any, stop: int) -> int:
    """Write the labels along a trail to ``labels[:stop]``, from the end backwards; returns where they begin."""
    while trail > 0:
        stop -= 1
        labels[stop] = trail_label[trail]
        trail = trail_parent[trail]
    return stop


FUNCTIONS = (find, sink, arrange, start, keep, settle, rank, spell)
"""Those above, each after those that it calls."""
