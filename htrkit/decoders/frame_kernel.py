"""What a frame gives a beam before it grows: texts that stay as they are, and labels that are worth a look.

Plain Python that numba compiles as it stands, as all of `htrkit.decoders.kernel`.
"""

from __future__ import annotations

from typing import Any

from htrkit.decoders.beams import Work, find


def stay(probabilities: Any, row: int, count: int, stamp: int, work: Work) -> float:
    """Beams whose text stays: a blank, its last letter again, or that letter new, after the beam of the text before it.

    Returns the highest score.
    """
    highest = 0.0
    for place in range(count):
        beam = work.alive[place]
        last = work.last[beam]
        letter = 0.0
        if last > 0:
            p = probabilities[row + last]
            letter = work.letter[beam] * p
            entry = find(work.parent_key[beam], stamp, work.table_stamp, work.table_beam, work.key)
            if work.table_stamp[entry] == stamp:
                parent = work.table_beam[entry]
                work.extended[parent] = stamp
                before = work.blank[parent]
                if work.last[parent] != last:
                    before += work.letter[parent]
                letter += before * p * work.step[beam]
        blank = (work.blank[beam] + work.letter[beam]) * probabilities[row]
        work.next_blank[beam] = blank
        work.next_letter[beam] = letter
        highest = max(highest, blank + letter)
        # the best are alive first and upcoming last, so that these are nearly sorted from the beginning
        work.score[count - 1 - place] = blank + letter
        work.upcoming[count - 1 - place] = beam
    return highest


def sift(labels: Any, count: int, probabilities: Any, row: int, enough: float) -> int:
    """Move the labels that are more probable than ``enough`` to the front; returns how many they are."""
    n = 0
    for place in range(count):
        label = labels[place]
        labels[n] = label
        n += probabilities[row + label] > enough  # without a branch, which a processor could not foresee
    return n


def sift_children(children: Any, count: int, labels: Any, probabilities: Any, row: int, enough: float) -> int:
    """`sift` nodes of a trie by the ``labels`` on the way into them."""
    n = 0
    for place in range(count):
        child = children[place]
        children[n] = child
        n += probabilities[row + labels[child]] > enough
    return n


FUNCTIONS = (stay, sift, sift_children)
"""What the search needs of this module."""
