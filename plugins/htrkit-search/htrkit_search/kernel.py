"""How probable a pattern is on a line: CTC's forward sums over an automaton, in plain Python that numba compiles.

As the rows of a network's outputs sum to one, what stands before and after a word need not be looked at: the sum over
all alignments of the word alone is the number of times that it is expected on the line.

Sources: V. Frinken, A. Fischer, R. Manmatha, H. Bunke, "A Novel Word Spotting Method Based on Recurrent Neural
Networks", PAMI 34, 2012; for the probability that a line is relevant, A. Toselli, E. Vidal, V. Romero, V. Frinken, "HMM
Word Graph Based Keyword Spotting in Handwritten Document Images", Information Sciences 370, 2016.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

LETTERS, ANY, STAR = 0, 1, 2
"""What a node reads: one letter of a set, any one letter, any number of letters."""
LETTER, BLANK, BOUNDARY, SETS = 0, 1, 2, 3
"""The groups of labels: letters that the pattern does not name, the blank, what stands between words; then the sets."""
NEVER, ALWAYS, OTHER_LETTER, FROM_SET, FROM_ANY = 0, 1, 2, 3, 4
"""When the letters of two nodes may follow each other without a blank between: never if they are the same."""


class Automaton(NamedTuple):
    """A pattern over an alphabet; nodes come after those that lead to them. Node 0 is the place before a word.

    Attributes
    ----------
    kinds, groups
        (nodes,) what each reads, and which group of labels; 0 if any letter will do.
    first
        (nodes + 1,) the ways into node ``n`` are ``first[n]`` to ``first[n + 1] - 1``.
    sources, weights, modes
        (ways,) the node that each comes from; its factor; when it needs no blank.
    ends
        (nodes,) the factor with which the pattern ends after a node; 0 if it does not.
    group_of
        (labels,) the group that each label belongs to.
    sizes
        (groups,) how many labels each has.
    between
        (groups,) 1 for those whose labels stand between words, 0 for those of letters.
    has_any
        1 if a node reads any letter.
    """

    kinds: Any
    groups: Any
    first: Any
    sources: Any
    weights: Any
    modes: Any
    ends: Any
    group_of: Any
    sizes: Any
    between: Any
    has_any: Any


def expected(
    data: Any,
    begin: int,
    end: int,
    width: int,
    table: Any,
    floor: float,
    automaton: Any,
    work: Any,
    locate: bool,
    place: Any,
) -> float:
    """How many times a pattern is expected on a line, between boundaries or the line's ends.

    Parameters
    ----------
    data, begin, end, width
        As of `htrkit_search.summary.survey`; the bytes of one line.
    table, floor
        (256,) the probabilities of bytes, and that of labels that are left out.
    work
        Buffers, as `expected_on_lines` makes them.
    locate, place
        Whether the most probable occurrence is looked for, which takes twice the time; (2,) its frames, half-open.
    """
    kinds, groups, first = automaton.kinds, automaton.groups, automaton.first
    sources, weights, modes, ends = automaton.sources, automaton.weights, automaton.modes, automaton.ends
    group_of, sizes, between, has_any = automaton.group_of, automaton.sizes, automaton.between, automaton.has_any
    letter, after, since, since_after, before, now, emitted, share, part = work
    n_nodes, n_groups, n_labels = len(kinds), len(sizes), len(group_of)
    letter[:] = 0.0
    after[:] = 0.0
    part[:] = 0.0
    before[:] = 0.0
    now[:] = 0.0
    boundary_mass, total, best, frame, letters_before = 1.0, 0.0, 0.0, 0, 0.0
    place[0] = place[1] = 0
    at = begin
    while at < end:
        if data[at] > 0:  # frames of the blank alone
            frame += data[at]
            letters_before = 0.0
            for node in range(n_nodes):
                if locate and letter[node] > after[node]:
                    since_after[node] = since[node]
                after[node] += letter[node]
                letter[node] = 0.0
        stop = at + 2 + data[at + 1] * (width + 1)
        for group in range(n_groups):
            emitted[group] = floor * sizes[group]
        again = 0.0
        at += 2
        entry = at
        while entry < stop:
            label = np.int64(data[entry])
            if width == 2:
                label += 256 * np.int64(data[entry + 1])
            entry += width + 1
            probability = table[data[entry - 1]]
            emitted[group_of[label]] += probability - floor  # which is what stood for it
            if has_any and label:
                now[label] = probability
                again += probability * before[label] * (1 - between[group_of[label]])
        blank, boundary, letters = emitted[BLANK], emitted[BOUNDARY], emitted[LETTER]
        for group in range(SETS, n_groups):
            if between[group]:
                boundary += emitted[group]
            else:
                letters += emitted[group]
        if has_any:
            again = again / (letters * letters_before) if letters_before > 0.0 else 0.0
            for group in range(n_groups):
                share[group] = part[group]
                part[group] = min(1.0, emitted[group] / letters)
        after[0] = boundary_mass
        since_after[0] = frame
        for node in range(n_nodes - 1, 0, -1):
            on_letter, on_blank = letter[node], after[node]
            if ends[node] > 0.0:
                ended = (on_letter + on_blank) * ends[node] * boundary
                total += ended
                if locate and ended > best:
                    best = ended
                    place[0] = since[node] if on_letter > on_blank else since_after[node]
                    place[1] = frame
            came, most, began = 0.0, 0.0, frame
            for way in range(first[node], first[node + 1]):
                source, mode = sources[way], modes[way]
                straight = 0.0 if mode == NEVER else letter[source]
                if mode > ALWAYS:
                    if mode == OTHER_LETTER:
                        straight *= 1.0 - share[groups[node]]
                    elif mode == FROM_SET:
                        straight *= 1.0 - part[groups[source]]
                    else:
                        straight *= 1.0 - again
                arrives = weights[way] * (straight + after[source])
                came += arrives
                if locate and arrives > most:
                    most = arrives
                    began = since[source] if straight > after[source] else since_after[source]
            if locate and on_letter > on_blank:
                since_after[node] = since[node]
            after[node] = (on_letter + on_blank) * blank
            stays, comes = on_letter, emitted[groups[node]]
            if kinds[node] == STAR:
                stays, comes = on_letter + on_blank, letters
            elif kinds[node] == ANY:
                stays, comes = on_letter * again, letters
            if locate and most > stays:
                since[node] = began
            letter[node] = (stays + came) * comes
        boundary_mass = boundary_mass * blank + boundary
        letters_before = letters
        if has_any:
            for each in range(n_labels):
                before[each] = now[each]
                now[each] = 0.0
        at = stop
        frame += 1
    for node in range(1, n_nodes):
        ended = (letter[node] + after[node]) * ends[node]
        total += ended
        if locate and ended > best:
            best = ended
            place[0] = since[node] if letter[node] > after[node] else since_after[node]
            place[1] = frame
    return total


def expected_on_lines(
    data: Any,
    begins: Any,
    width: int,
    table: Any,
    floor: float,
    automaton: Any,
    lines: Any,
    locate: bool,
    totals: Any,
    places: Any,
) -> None:
    """`expected` of some ``lines``, into ``totals`` (lines,) and, to ``locate`` them, ``places`` (lines, 2)."""
    n_nodes, n_labels, n_groups = len(automaton.kinds), len(automaton.group_of), len(automaton.sizes)
    work = (
        # what stands on each node's letter, and on the blank after it; the frames since when
        np.zeros(n_nodes),
        np.zeros(n_nodes),
        np.zeros(n_nodes, np.int64),
        np.zeros(n_nodes, np.int64),
        # each label in the frame before, and of this one
        np.zeros(n_labels),
        np.zeros(n_labels),
        # of each group: its probability, and its share of all letters, in the frame before and in this one
        np.zeros(n_groups),
        np.zeros(n_groups),
        np.zeros(n_groups),
    )
    for each in range(len(lines)):
        line = lines[each]
        totals[each] = expected(
            data, begins[line], begins[line + 1], width, table, floor, automaton, work, locate, places[each]
        )
