"""How probable a pattern is on a line: CTC's forward sums over an automaton, in plain Python that numba compiles.

As the rows of a network's outputs sum to one, what stands before and after a word need not be looked at: the sum over
all alignments of the word alone is the number of times that it is expected on the line. It is exact, for words with and
without wildcards: where a node reads one of several letters, the sum is kept for each of them, as whether the next
frame's letter is another one depends on it. Two things are taken as given:

- Labels that `Folding` makes equal are one label, before repeated labels become one.
- A label that a frame of the index does not hold has the probability ``floor`` if the pattern names it, or if it stands
  between words; otherwise it has none.

Sources: A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist Temporal Classification", ICML 2006; V.
Frinken, A. Fischer, R. Manmatha, H. Bunke, "A Novel Word Spotting Method Based on Recurrent Neural Networks", PAMI 34,
2012; for the probability that a line is relevant, A. Toselli, E. Vidal, V. Romero, V. Frinken, "HMM Word Graph Based
Keyword Spotting in Handwritten Document Images", Information Sciences 370, 2016.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

BLANK, BOUNDARY, SETS = 0, 1, 2
"""The groups of labels: the blank, what stands between words; then what is named, and at last all other letters."""
MOST_LABELS = 256
"""Labels that a frame of a line holds at most, and one more."""


class Automaton(NamedTuple):
    """A pattern over an alphabet. Node 0 is the place before a word.

    Attributes
    ----------
    groups
        (nodes,) the group of labels that each reads; -1 of node 0, and of those that read several, or an unnamed one.
    several
        (nodes,) of these, their row in ``reads``; else -1.
    reads
        (rows, groups) 1 for the groups that a node reads.
    first
        (nodes + 1,) the ways into node ``n`` are ``first[n]`` to ``first[n + 1] - 1``.
    sources, weights
        (ways,) the node that each comes from, and its factor.
    ends
        (nodes,) the factor with which the pattern ends after a node; 0 if it does not.
    inside
        The first of the nodes in whose labels it has ended, such as one of a letter and a sign; all others come before.
    anywhere
        The node from which it begins within a label; -1 if it does not.
    group_of
        (labels,) the group that each label belongs to.
    sizes
        (groups,) how many labels each has.
    closes, opens
        (groups,) 1 for those whose labels end a word before them, and for those after which a word may begin.
    signs
        The groups from `SETS` on that close or open words.
    named
        The groups below this one have the floor where a frame does not hold them.
    """

    groups: Any
    several: Any
    reads: Any
    first: Any
    sources: Any
    weights: Any
    ends: Any
    inside: int
    anywhere: int
    group_of: Any
    sizes: Any
    closes: Any
    opens: Any
    signs: Any
    named: int


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
        Whether the most probable occurrence is looked for, which takes longer; (2,) its frames, half-open.
    """
    groups, several, reads, first = automaton.groups, automaton.several, automaton.reads, automaton.first
    sources, weights, ends, group_of = automaton.sources, automaton.weights, automaton.ends, automaton.group_of
    sizes, closes, opens, named = automaton.sizes, automaton.closes, automaton.opens, automaton.named
    signs, inside, anywhere = automaton.signs, automaton.inside, automaton.anywhere
    letters, afters, sinces, sinces_after, each, active, counts, slots, seen, emissions = work
    n_nodes, tracked = len(groups), len(reads) > 0
    letters[:] = 0.0
    afters[:] = 0.0
    seen[:] = -1
    counts[:] = 0
    emissions[:] = 0.0
    boundary_mass, total, best, frame = 1.0, 0.0, 0.0, 0
    place[0] = place[1] = 0
    at, old, new = begin, 0, 1
    while at < end:
        if data[at] > 0:  # frames of the blank alone
            frame += data[at]
            for slot in range(counts[old]):
                seen[old, active[old, slot]] = -1
            counts[old] = 0
            emissions[old, :named] = 0.0
            for node in range(n_nodes):
                if locate and letters[old, node] > afters[old, node]:
                    sinces_after[old, node] = sinces[old, node]
                afters[old, node] += letters[old, node]
                letters[old, node] = 0.0
        stop = at + 2 + data[at + 1] * (width + 1)
        count = 0
        emitted = emissions[new]
        for group in range(named):
            emitted[group] = floor * sizes[group]
            if tracked and group >= SETS:
                active[new, count] = group
                slots[new, group], seen[new, group] = count, frame
                count += 1
        at += 2
        while at < stop:
            label = np.int64(data[at])
            if width == 2:
                label += 256 * np.int64(data[at + 1])
            at += width + 1
            group, probability = group_of[label], table[data[at - 1]]
            if not tracked or group < named:  # what no node reads is added up somewhere, which is faster than to ask
                emitted[group] += probability - floor  # which is what stood for it
            elif seen[new, group] == frame:
                emitted[group] += probability
            else:
                emitted[group] = probability
                active[new, count] = group
                slots[new, group], seen[new, group] = count, frame
                count += 1
        counts[new] = count
        blank, closing, opening = emitted[BLANK], emitted[BOUNDARY], emitted[BOUNDARY]
        for group in signs:
            closing += emitted[group] * closes[group]
            opening += emitted[group] * opens[group]
        afters[old, 0] = boundary_mass
        sinces_after[old, 0] = frame
        if anywhere > 0:
            afters[old, anywhere] = 1.0
            sinces_after[old, anywhere] = frame
        for node in range(1, n_nodes):
            on_letter, on_blank = letters[old, node], afters[old, node]
            if ends[node] > 0.0:
                group = groups[node]
                own = emitted[group] if group >= 0 and closes[group] else 0.0
                ended = (on_letter * (closing - own) + on_blank * closing) * ends[node]
                total += ended
                if locate and ended > best:
                    best = ended
                    place[0] = sinces[old, node] if on_letter > on_blank else sinces_after[old, node]
                    place[1] = frame
            afters[new, node] = (on_letter + on_blank) * blank
            came, most, began = 0.0, 0.0, frame
            for way in range(first[node], first[node + 1]):
                source = sources[way]
                straight = letters[old, source]
                if groups[source] >= 0 and groups[source] == groups[node]:
                    straight = 0.0  # the same letter again needs a blank between
                elif (source == 0 or source == anywhere) and groups[node] >= 0 and (source or opens[groups[node]]):
                    straight = -emissions[old, groups[node]]  # which is in what stands before a word
                arrives = weights[way] * (straight + afters[old, source])
                came += arrives
                if locate and arrives > most:
                    most = arrives
                    began = sinces[old, source] if straight > afters[old, source] else sinces_after[old, source]
            if locate:
                sinces[new, node] = began if most > on_letter else sinces[old, node]
                sinces_after[new, node] = sinces[old, node] if on_letter > on_blank else sinces_after[old, node]
            if several[node] < 0:
                group = groups[node]
                if tracked and seen[old, group] >= 0:
                    for way in range(first[node], first[node + 1]):
                        row = several[sources[way]]
                        if row >= 0:
                            came -= weights[way] * each[old, row, slots[old, group]]
                letters[new, node] = (on_letter + max(came, 0.0)) * emitted[group]
                if node >= inside:
                    ended = max(came, 0.0) * emitted[group]
                    total += ended
                    if locate and ended > best:
                        best = ended
                        place[0], place[1] = began, frame + 1
                continue
            row, mass = several[node], 0.0
            for slot in range(count):
                group = active[new, slot]
                if not reads[row, group]:
                    each[new, row, slot] = 0.0
                    continue
                known = seen[old, group] >= 0
                before = slots[old, group] if known else 0
                found = came + each[old, row, before] if known else came
                for way in range(first[node], first[node + 1]):
                    source = sources[way]
                    if groups[source] == group:
                        found -= weights[way] * letters[old, source]
                    elif known and several[source] >= 0:
                        found -= weights[way] * each[old, several[source], before]
                each[new, row, slot] = max(found, 0.0) * emitted[group]
                mass += each[new, row, slot]
            letters[new, node] = mass
        boundary_mass = boundary_mass * blank + opening
        for slot in range(counts[old]):
            seen[old, active[old, slot]] = -1
        old, new = new, old
        frame += 1
    for node in range(1, n_nodes):
        ended = (letters[old, node] + afters[old, node]) * ends[node]
        total += ended
        if locate and ended > best:
            best = ended
            place[0] = sinces[old, node] if letters[old, node] > afters[old, node] else sinces_after[old, node]
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
    n_nodes, n_groups, n_several = len(automaton.groups), len(automaton.sizes), len(automaton.reads)
    most = MOST_LABELS + automaton.named
    work = (
        # each twice, for the frame before and this one: what stands on each node's letter, and on the blank after it;
        # the frames since when
        np.zeros((2, n_nodes)),
        np.zeros((2, n_nodes)),
        np.zeros((2, n_nodes), np.int64),
        np.zeros((2, n_nodes), np.int64),
        # of nodes that read several groups: what stands on each that the frame holds; these groups; how many they are
        np.zeros((2, n_several, most)),
        np.zeros((2, most), np.int64),
        np.zeros(2, np.int64),
        # where a group is among them, and the frame for which this is true
        np.zeros((2, n_groups), np.int64),
        np.zeros((2, n_groups), np.int64),
        np.zeros((2, n_groups)),
    )
    for number in range(len(lines)):
        line = lines[number]
        totals[number] = expected(
            data, begins[line], begins[line + 1], width, table, floor, automaton, work, locate, places[number]
        )
