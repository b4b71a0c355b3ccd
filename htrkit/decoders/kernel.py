"""The one beam kernel: CTC prefix beam search over a trie, in plain Python that numba compiles as it stands.

Every function takes indexable buffers and scalars: lists and memoryviews when interpreted, arrays when compiled. Both
do the same operations in the same order, so they agree to the bit. A trie of one node and no word labels makes it a
lexicon-free beam.

Sources: A. Hannun, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
2014 (prefix beam search); H. Scheidl, S. Fiel, R. Sablatnig, "Word Beam Search: A Connectionist Temporal
Classification Decoding Algorithm", ICFHR 2018 (words from a trie, free text between them, n-gram modes).
"""

from __future__ import annotations

import math
from typing import Any

from htrkit.decoders.kernel_arrays import CHARACTERS, FORECAST, NGRAMS, PLAIN, SAMPLE, Endings, Grammar, Language, Work
from htrkit.decoders.language_kernel import (
    INCREMENT,
    MASK,
    MULTIPLIER,
    character_step,
    mean_log_prob,
    sampled_probability,
    words_probability,
)

# Beams are scaled up, by a power of two so that nothing is rounded, when the best falls below the first of these.
SMALL = 2.0**-200
BIG = 2.0**200
BIG_BITS = 200


def find(key: int, stamp: int, table_stamp: Any, table_beam: Any, keys: Any) -> int:
    """The table's place of ``key``, or the free one where it belongs."""
    mask = len(table_stamp) - 1
    place = (key ^ (key >> 29)) & mask
    while table_stamp[place] == stamp and keys[table_beam[place]] != key:
        place = (place + 1) & mask
    return place


def lowest_of(score: Any, size: int) -> int:
    """Where the lowest of the first ``size`` scores is."""
    low = score[0]
    for place in range(1, size):
        low = min(low, score[place])
    place = 0
    while score[place] != low:
        place += 1
    return place


def rank(work: Work, count: int) -> None:
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


def search(
    probabilities: Any,
    begin: int,
    n_frames: int,
    n_labels: int,
    width: int,
    label_threshold: float,
    beam_threshold: float,
    grammar: Grammar,
    language: Language,
    work: Work,
) -> tuple[int, int, bool]:
    """Search one line; the beams of its end are left in ``work``.

    Parameters
    ----------
    probabilities
        (frames * labels,) flat, blank first, perhaps of several lines.
    begin
        Where the line begins in them.
    width
        Beams kept per frame.
    label_threshold
        Labels less probable than this begin no new beam in a frame.
    beam_threshold
        Beams less probable than this share of the best are dropped.

    Returns
    -------
    count
        The beams are in the slots ``alive[:count]``, best first, and weigh ``score[:count]``, times ``2**-bits``.
    bits
        How far they were scaled up.
    possible
        False if no allowed text is possible at all; the beams are then those of the last frame where one was.
    """
    mode = language.mode
    random = language.seed
    for place in range(len(work.table_stamp)):
        work.table_stamp[place] = 0
    for slot in range(1, 2 * width):
        work.free[slot - 1] = slot
    work.alive[0] = 0
    work.key[0], work.parent_key[0], work.node[0], work.last[0], work.trail[0] = INCREMENT, -1, 0, 0, 0
    work.blank[0], work.letter[0], work.step[0], work.lift[0], work.fresh[0] = 1.0, 0.0, 1.0, 1.0, 0
    work.state[0], work.words[0], work.raw[0], work.mean[0] = language.start, 0, 0.0, 0.0
    work.trail_parent[0], work.trail_label[0] = -1, 0
    n_alive, n_free_slots, n_trails, bits, best = 1, 2 * width - 1, 1, 0, 1.0

    for frame in range(n_frames):
        stamp = frame + 1
        row = begin + frame * n_labels
        p_blank = probabilities[row]

        # The beams that are worth keeping, found by their text.
        cutoff = beam_threshold * best
        n_kept, n_retired, most_lift = 0, 0, 1.0
        for place in range(n_alive):
            beam = work.alive[place]
            if work.blank[beam] + work.letter[beam] > cutoff:
                work.alive[n_kept] = beam
                n_kept += 1
                most_lift = max(most_lift, work.lift[beam])
                entry = find(work.key[beam], stamp, work.table_stamp, work.table_beam, work.key)
                work.table_stamp[entry] = stamp
                work.table_beam[entry] = beam
            else:
                work.retired[n_retired] = beam
                n_retired += 1

        # Their text stays: a blank, its last letter again, or that letter new, after the beam of the text before it.
        highest = 0.0
        for place in range(n_kept):
            beam = work.alive[place]
            last = work.last[beam]
            letter = 0.0
            if last > 0:
                p = probabilities[row + last]
                letter = work.letter[beam] * p
                entry = find(work.parent_key[beam], stamp, work.table_stamp, work.table_beam, work.key)
                if work.table_stamp[entry] == stamp:
                    parent = work.table_beam[entry]
                    before = work.blank[parent]
                    if work.last[parent] != last:
                        before += work.letter[parent]
                    letter += before * p * work.step[beam]
            blank = (work.blank[beam] + work.letter[beam]) * p_blank
            work.next_blank[beam] = blank
            work.next_letter[beam] = letter
            work.score[place] = blank + letter
            highest = max(highest, blank + letter)
            work.upcoming[place] = beam
        size = n_kept
        low = 0

        # A new beam must beat `floor`: enough of the best, and more than the lowest once all places are taken. Whatever
        # the language model gives, a beam's extension scores at most its total times `lift` times P of the label.
        floor = beam_threshold * highest
        if size == width:
            low = lowest_of(work.score, width)
            floor = max(floor, work.score[low])
        enough = max(label_threshold, floor / (best * most_lift))
        n_free, n_first = 0, 0
        for label in grammar.free_labels:  # without a branch, which a processor could not foresee
            work.open_free[n_free] = label
            n_free += probabilities[row + label] > enough
        for child in range(grammar.first_child[0], grammar.first_child[1]):
            work.open_first[n_first] = child
            n_first += probabilities[row + grammar.labels[child]] > enough

        for place in range(n_kept):
            beam = work.alive[place]
            total = work.blank[beam] + work.letter[beam]
            reach = total * work.lift[beam]
            node = work.node[beam]
            last = work.last[beam]
            n_open = 0
            if node == 0 or grammar.is_word[node]:
                for index in range(n_free):
                    label = work.open_free[index]
                    if reach * probabilities[row + label] > floor:
                        work.open_label[n_open] = label
                        work.open_node[n_open] = 0
                        n_open += 1
            if node == 0:  # it has many children, and many beams are there
                for index in range(n_first):
                    child = work.open_first[index]
                    if reach * probabilities[row + grammar.labels[child]] > floor:
                        work.open_label[n_open] = grammar.labels[child]
                        work.open_node[n_open] = child
                        n_open += 1
            else:
                for child in range(grammar.first_child[node], grammar.first_child[node + 1]):
                    p = probabilities[row + grammar.labels[child]]
                    if p > label_threshold and reach * p > floor:
                        work.open_label[n_open] = grammar.labels[child]
                        work.open_node[n_open] = child
                        n_open += 1

            for index in range(n_open):
                label = work.open_label[index]
                score = (work.blank[beam] if label == last else total) * probabilities[row + label]
                if score * work.lift[beam] <= floor:
                    continue
                key = (work.key[beam] * MULTIPLIER + label) & MASK
                if work.table_stamp[find(key, stamp, work.table_stamp, work.table_beam, work.key)] == stamp:
                    continue  # a beam has this text already, and took this path among its own
                child = work.open_node[index]
                step, lift = 1.0, 1.0
                state, words, raw, mean = work.state[beam], work.words[beam], work.raw[beam], work.mean[beam]
                if mode == CHARACTERS:
                    step, state = character_step(language, state, label)
                elif mode >= NGRAMS:
                    if child > 0 and mode == FORECAST:
                        given = words_probability(language, state, grammar.first_word[child], grammar.n_words[child])
                        mean = mean_log_prob(raw, given, words + 1)
                    elif child > 0 and mode == SAMPLE:
                        given, random = sampled_probability(
                            language, state, grammar.first_word[child], grammar.n_words[child], random
                        )
                        mean = mean_log_prob(raw, given, words + 1)
                    elif child == 0 and node > 0:
                        given = words_probability(language, state, grammar.first_word[node], 1)
                        words += 1
                        mean = mean_log_prob(raw, given, words)
                        raw = mean * words
                        state = grammar.first_word[node]
                    step = math.exp(mean - work.mean[beam])
                    lift = max(1.0, math.exp(raw / (words + 1) - mean)) if step > 0.0 else 1.0
                score *= step
                if score <= floor:
                    continue
                grows = size < width
                slot = -1
                if not grows:  # the lowest gives way; a new one its slot, too, while an old one may still be extended
                    lowest = work.upcoming[low]
                    if work.fresh[lowest]:
                        slot = lowest
                    else:
                        work.retired[n_retired] = lowest
                        n_retired += 1
                if slot < 0:
                    n_free_slots -= 1
                    slot = work.free[n_free_slots]
                work.next_blank[slot] = 0.0
                work.next_letter[slot] = score
                work.key[slot] = key
                work.parent_key[slot] = work.key[beam]
                work.node[slot] = child
                work.last[slot] = label
                work.trail[slot] = work.trail[beam]
                work.step[slot] = step
                work.lift[slot] = lift
                work.fresh[slot] = 1
                if mode != PLAIN:
                    work.state[slot] = state
                    work.words[slot] = words
                    work.raw[slot] = raw
                    work.mean[slot] = mean
                highest = max(highest, score)
                floor = max(floor, beam_threshold * highest)
                if grows:
                    low = size
                    size += 1
                work.upcoming[low] = slot
                work.score[low] = score
                if size == width:
                    low = lowest_of(work.score, width)
                    floor = max(floor, work.score[low])

        if highest == 0.0:
            rank(work, n_kept)
            return n_kept, bits, False
        scale = 1.0
        while highest * scale < SMALL:
            scale *= BIG
            bits += BIG_BITS
        best = highest * scale
        n_alive = size
        for place in range(size):
            beam = work.upcoming[place]
            work.alive[place] = beam
            work.blank[beam] = work.next_blank[beam] * scale
            work.letter[beam] = work.next_letter[beam] * scale
            if work.fresh[beam]:
                work.fresh[beam] = 0
                work.trail_parent[n_trails] = work.trail[beam]
                work.trail_label[n_trails] = work.last[beam]
                work.trail[beam] = n_trails
                n_trails += 1
        for place in range(n_retired):
            work.free[n_free_slots] = work.retired[place]
            n_free_slots += 1

    rank(work, n_alive)
    return n_alive, bits, True


def search_lines(
    probabilities: Any,
    edges: Any,
    n_labels: int,
    width: int,
    label_threshold: float,
    beam_threshold: float,
    grammar: Grammar,
    language: Language,
    work: Work,
    endings: Endings,
) -> None:
    """`search` several lines and spell their beams: many lines a call, so that threads seldom wait for each other.

    Parameters
    ----------
    probabilities
        (frames * labels,) flat, blank first, of one line after the other.
    edges
        (lines + 1,) line ``i`` has the frames ``edges[i]`` to ``edges[i + 1] - 1``.
    endings
        The result.
    """
    place = len(endings.labels)
    for line in range(len(edges) - 1):
        count, bits, possible = search(
            probabilities,
            edges[line] * n_labels,
            edges[line + 1] - edges[line],
            n_labels,
            width,
            label_threshold,
            beam_threshold,
            grammar,
            language,
            work,
        )
        endings.count[line] = count
        endings.bits[line] = bits
        for ending in range(count):
            beam = work.alive[ending]
            at = line * width + ending
            endings.weight[at] = work.score[ending] if possible else 0.0
            endings.node[at] = work.node[beam]
            endings.stop[at] = place
            place = spell(work.trail_parent, work.trail_label, work.trail[beam], endings.labels, place)
            endings.start[at] = place
