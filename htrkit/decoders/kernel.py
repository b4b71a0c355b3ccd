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
from typing import Any, NamedTuple

# Text identity: a rolling hash modulo 2**63. Products wrap at 64 bits when compiled and do not when interpreted, but
# their low 63 bits are the same, so no unsigned type is needed.
MASK = 0x7FFFFFFFFFFFFFFF
MULTIPLIER = 0x5851F42D4C957F2D
INCREMENT = 0x14057B7EF767814F

# Beams are scaled up, by a power of two so that nothing is rounded, when the best falls below the first of these.
SMALL = 2.0**-200
BIG = 2.0**200
BIG_BITS = 200

PLAIN, CHARACTERS, NGRAMS, FORECAST, SAMPLE = range(5)
SAMPLES = 20


class Grammar(NamedTuple):
    """Which texts are allowed: a trie for the word labels, anything between words for the others.

    Attributes
    ----------
    free_labels
        (n,) labels that belong to no word, the blank left out; allowed at the root and after a whole word.
    first_child
        (nodes + 1,) the children of node ``n`` are the nodes ``first_child[n]`` to ``first_child[n + 1] - 1``.
    labels
        (nodes,) the label on the way into each node.
    is_word
        (nodes,) 1 where a word ends.
    first_word, n_words
        (nodes,) the words at and below each node are ``first_word`` to ``first_word + n_words - 1``; a word that ends
        at the node is the first of them.
    """

    free_labels: Any
    first_child: Any
    labels: Any
    is_word: Any
    first_word: Any
    n_words: Any


class Language(NamedTuple):
    """How probable a text is: nothing (`PLAIN`), a character model (`CHARACTERS`) or word bigrams.

    Attributes
    ----------
    mode
        One of the constants above.
    symbols, first_child, child_symbols, factors, backoff_factors, next_states, backoff_states, start
        The arrays of a `htrkit.language_models.characters.CharacterModel`, its log-probabilities weighted and raised:
        ``factors = exp(weight * log_probs)``; ``symbols`` of each label.
    cumulative
        (words + 1,) how often the words before each one occur.
    bigram_offsets, bigram_words, bigram_cumulative
        The words that follow word ``w`` are ``bigram_words[bigram_offsets[w]:bigram_offsets[w + 1]]``, ascending;
        ``bigram_cumulative[i]`` counts the bigrams before the ``i``-th of all.
    smoothing
        Added to every count.
    seed
        Of the forecast's samples.
    """

    mode: int
    symbols: Any
    first_child: Any
    child_symbols: Any
    factors: Any
    backoff_factors: Any
    next_states: Any
    backoff_states: Any
    start: int
    cumulative: Any
    bigram_offsets: Any
    bigram_words: Any
    bigram_cumulative: Any
    smoothing: float
    seed: int


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
    fresh
        1 for a beam without a trail of its own yet.
    alive, upcoming, score
        (width,) the slots of this frame's beams, of the next frame's, and what those score.
    free, retired
        (2 * width,) slots without a beam, and those whose beam will not see the next frame.
    table_stamp, table_beam
        (a power of two,) hash table from keys to slots.
    open_label, open_node
        (labels,) the extensions of one beam; ``open_free`` (labels,) those free labels that one frame allows at all.
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
    fresh: Any
    alive: Any
    upcoming: Any
    free: Any
    retired: Any
    table_stamp: Any
    table_beam: Any
    open_free: Any
    open_label: Any
    open_node: Any
    trail_parent: Any
    trail_label: Any


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


def character_step(language: Language, state: int, label: int) -> tuple[float, int]:
    """What the character model gives for a label after ``state``, and the state then."""
    symbol = language.symbols[label]
    factor = 1.0
    while True:
        low = language.first_child[state]
        end = language.first_child[state + 1]
        high = end
        while low < high:
            middle = (low + high) // 2
            if language.child_symbols[middle] < symbol:
                low = middle + 1
            else:
                high = middle
        if low < end and language.child_symbols[low] == symbol:
            return factor * language.factors[low], language.next_states[low]
        if state == 0:
            return 0.0, 0
        factor *= language.backoff_factors[state]
        state = language.backoff_states[state]


def bigram_index(language: Language, word: int, low: int, high: int) -> int:
    """Where ``word`` is, or would be, among ``bigram_words[low:high]``."""
    while low < high:
        middle = (low + high) // 2
        if language.bigram_words[middle] < word:
            low = middle + 1
        else:
            high = middle
    return low


def words_probability(language: Language, previous: int, first: int, count: int) -> float:
    """The summed P(word | previous) of ``count`` words from ``first`` on; -1 stands for no previous word."""
    vocabulary = len(language.cumulative) - 1
    if previous < 0:
        seen = language.cumulative[first + count] - language.cumulative[first]
        total = language.cumulative[vocabulary]
    else:
        low = language.bigram_offsets[previous]
        high = language.bigram_offsets[previous + 1]
        begin = bigram_index(language, first, low, high)
        end = bigram_index(language, first + count, begin, high)
        seen = language.bigram_cumulative[end] - language.bigram_cumulative[begin]
        total = language.bigram_cumulative[high] - language.bigram_cumulative[low]
    whole = total + language.smoothing * vocabulary
    return (seen + language.smoothing * count) / whole if whole > 0.0 else 0.0


def sampled_probability(language: Language, previous: int, first: int, count: int, random: int) -> tuple[float, int]:
    """`words_probability` estimated from `SAMPLES` of the words, and the random state after drawing them."""
    if count <= SAMPLES:
        return words_probability(language, previous, first, count), random
    total = 0.0
    for _ in range(SAMPLES):
        random = (random * MULTIPLIER + INCREMENT) & MASK
        # Not by a remainder: LLVM 20 unrolls this loop and forgets it.
        total += words_probability(language, previous, first + (((random >> 32) * count) >> 31), 1)
    return min(1.0, total / SAMPLES * count), random


def mean_log_prob(raw: float, probability: float, words: int) -> float:
    """What a text of ``words`` words is worth: the mean ln P of those before, ``raw`` together, and of one more."""
    return (raw + math.log(probability)) / words if probability > 0.0 else -math.inf


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


def search(
    probabilities: Any,
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
        (frames * labels,) flat, blank first.
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
    work.blank[0], work.letter[0], work.fresh[0] = 1.0, 0.0, 0
    work.step[0], work.lift[0] = 1.0, 1.0
    work.state[0], work.words[0], work.raw[0], work.mean[0] = language.start, 0, 0.0, 0.0
    work.trail_parent[0], work.trail_label[0] = -1, 0
    n_alive, n_free_slots, n_trails, bits, best = 1, 2 * width - 1, 1, 0, 1.0

    for frame in range(n_frames):
        stamp = frame + 1
        row = frame * n_labels
        p_blank = probabilities[row]
        n_retired = 0

        # The beams that are worth keeping, found by their text.
        cutoff = beam_threshold * best
        n_kept = 0
        most_lift = 1.0
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
        n_free = 0
        for label in grammar.free_labels:  # without a branch, which a processor could not foresee
            work.open_free[n_free] = label
            n_free += probabilities[row + label] > enough

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
