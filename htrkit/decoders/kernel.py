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

from htrkit.decoders.beams import (
    MASK,
    MULTIPLIER,
    Work,
    arrange,
    find,
    keep,
    rank,
    settle,
    sink,
    start,
)
from htrkit.decoders.frame_kernel import sift, sift_children, stay
from htrkit.decoders.grammar import Grammar, child_of
from htrkit.decoders.language_kernel import (
    character_step,
    close_all,
    label_step,
    mean_log_prob,
    sampled_probability,
    word_step,
    words_probability,
)
from htrkit.decoders.languages import CHARACTERS, FORECAST, LETTER, NGRAMS, PLAIN, SAMPLE, TOGETHER, Language

# Beams are scaled up, by a power of two so that nothing is rounded, when the best falls below the first of these.
SMALL = 2.0**-200
BIG = 2.0**200
BIG_BITS = 200
# So many labels are sifted again when the floor has risen.
MANY = 256


def search(
    probabilities: Any,
    tops: Any,
    first_frame: int,
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
    tops
        (frames,) the highest of each frame, but for the blank's.
    first_frame
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
    # Taken out once: each time costs a count of references for every array.
    lexemes = language.words
    kinds, share = lexemes.kinds, lexemes.share
    start(width, language.characters.start, lexemes.ngrams.start, work)
    nowhere = len(grammar.labels) - 1
    n_alive, n_free_slots, n_trails, bits, best, random = 1, 2 * width - 1, 1, 0, 1.0, language.seed
    for frame in range(n_frames):
        stamp, row = frame + 1, (first_frame + frame) * n_labels
        n_kept, n_retired, most_lift = keep(n_alive, beam_threshold * best, stamp, work)
        highest = stay(probabilities, row, n_kept, stamp, work)

        # A new beam must beat `floor`: enough of the best, and more than the lowest once all places are taken. Whatever
        # the language model gives, a beam's extension scores at most its total times `lift` times P of the label.
        size, floor = n_kept, beam_threshold * highest
        if size == width:
            floor = max(floor, arrange(width, work))
        sifted, enough = floor, max(label_threshold, floor / (best * most_lift))
        n_free, n_first, n_ends, top, top_free, top_first, top_end = 0, 0, 0, tops[first_frame + frame], 0.0, 0.0, 0.0
        if top > enough:
            for label in grammar.free_labels:  # as in `sift`
                work.open_free[n_free] = label
                n_free += probabilities[row + label] > enough
            for child in range(grammar.first_child[0], grammar.first_child[1]):
                work.open_first[n_first] = child
                n_first += probabilities[row + grammar.labels[child]] > enough
            for index in range(n_free):
                top_free = max(top_free, probabilities[row + work.open_free[index]])
            for index in range(n_first):
                top_first = max(top_first, probabilities[row + grammar.labels[work.open_first[index]]])
        if top > label_threshold:
            for label in lexemes.ends:
                work.open_end[n_ends] = label
                n_ends += probabilities[row + label] > label_threshold
                top_end = max(top_end, lexemes.most * probabilities[row + label])

        for place in range(n_kept if n_ends > 0 or top > enough else 0):
            beam = work.alive[place]
            total = work.blank[beam] + work.letter[beam]
            reach = total * work.lift[beam]
            node = work.node[beam]
            if n_free + n_first > MANY and floor > 2.0 * sifted:
                sifted, enough = floor, floor / (best * most_lift)
                n_free = sift(work.open_free, n_free, probabilities, row, enough)
                n_first = sift_children(work.open_first, n_first, grammar.labels, probabilities, row, enough)
            n_open = 0
            # To look a word up takes long, and most cannot end here whatever the model gives.
            if n_ends > 0 and reach * top_end * math.exp(-share * work.spelt[beam]) > floor:
                if work.closing[beam] < 0.0:
                    work.closing[beam], _ = word_step(
                        lexemes, work.word_state[beam], work.spelling[beam], work.spelt[beam]
                    )
                upmost = reach * work.closing[beam]
                for index in range(n_ends):
                    label = work.open_end[index]
                    if upmost * probabilities[row + label] > floor:
                        work.open_label[n_open], work.open_node[n_open] = label, 0
                        n_open += 1
            n_closing = n_open
            ending = work.ending[beam]
            whole = node == 0 or grammar.is_word[node] or (ending > 0 and grammar.ending_is_word[ending - 1])
            # As in `sift`. The root has many children, and many beams are there.
            least = max(floor, reach * label_threshold)
            reach_behind = total * work.closing[beam] if language.mode == NGRAMS and node > 0 else reach
            if whole and reach_behind * top_free > floor:
                for index in range(n_free):
                    label = work.open_free[index]
                    work.open_label[n_open], work.open_node[n_open] = label, 0
                    n_open += reach_behind * probabilities[row + label] > least
            if (node == 0 or (grammar.joined and whole)) and reach_behind * top_first > floor:
                for index in range(n_first):
                    child = work.open_first[index]
                    work.open_label[n_open], work.open_node[n_open] = grammar.labels[child], child
                    n_open += reach_behind * probabilities[row + grammar.labels[child]] > least
            if node > 0 and reach * top > floor:
                for child in range(grammar.first_child[node], grammar.first_child[node + 1]):
                    work.open_label[n_open], work.open_node[n_open] = grammar.labels[child], child
                    n_open += reach * probabilities[row + grammar.labels[child]] > least
            if ending > 0 and reach * top > floor:
                for after in range(grammar.ending_first_child[ending - 1], grammar.ending_first_child[ending]):
                    label = grammar.ending_labels[after]
                    new = child_of(node, label, grammar.first_child, grammar.labels) < 0
                    if new and reach * probabilities[row + label] > floor:
                        work.open_label[n_open], work.open_node[n_open] = label, nowhere
                        n_open += 1

            for index in range(n_open):
                label, child = work.open_label[index], work.open_node[index]
                score = (work.blank[beam] if label == work.last[beam] else total) * probabilities[row + label]
                if score * work.lift[beam] * (work.closing[beam] if index < n_closing else 1.0) <= floor:
                    continue
                begins = node > 0 and 0 < child < grammar.first_child[1]  # a word, where another ends
                key = (work.key[beam] * MULTIPLIER + label + begins * n_labels) & MASK
                entry = 0
                if work.extended[beam] == stamp:
                    entry = find(key, stamp, work.table_stamp, work.table_beam, work.key)
                if work.extended[beam] == stamp and work.table_stamp[entry] == stamp:
                    continue  # a beam has this text already, and took this path among its own
                step, lift, closing = 1.0, language.lift, -1.0
                word_state, spelling, spelt = 0, 0, 0.0
                state, words, raw, mean = work.state[beam], work.words[beam], work.raw[beam], work.mean[beam]
                if language.mode in (CHARACTERS, TOGETHER):
                    step, state = character_step(language, state, label, work)
                if language.mode == TOGETHER:
                    # Only what ends a word, or is one, gets more than the characters give.
                    if step > 0.0 and (kinds[label] > LETTER or score * step > floor):
                        given, word_state, spelling, spelt = label_step(
                            lexemes, label, step, work.word_state[beam], work.spelling[beam], work.spelt[beam]
                        )
                        step *= given
                elif language.mode >= NGRAMS:
                    if node > 0 and (child == 0 or begins):
                        word = grammar.first_word[node if grammar.is_word[node] else nowhere]
                        given = words_probability(language, state, word, 1)
                        words += 1
                        mean = mean_log_prob(raw, given, words)
                        raw = mean * words
                        state = word
                    if child > 0 and language.mode == FORECAST:
                        given = words_probability(language, state, grammar.first_word[child], grammar.n_words[child])
                        mean = mean_log_prob(raw, given, words + 1)
                    elif child > 0 and language.mode == SAMPLE:
                        given, random = sampled_probability(
                            language, state, grammar.first_word[child], grammar.n_words[child], random
                        )
                        mean = mean_log_prob(raw, given, words + 1)
                    step = math.exp(mean - work.mean[beam])
                score *= step
                if score <= floor:
                    continue
                if language.mode == NGRAMS:  # letters give nothing, and the end of the word what is known now
                    word = grammar.first_word[child if grammar.is_word[child] else nowhere]
                    given = words_probability(language, state, word, 1) if child > 0 else 0.0
                    closing = math.exp(mean_log_prob(raw, given, words + 1) - mean)
                    lift = max(1.0, closing)
                elif language.mode > NGRAMS:
                    lift = max(1.0, math.exp(raw / (words + 1 + grammar.joined) - mean))
                grows = size < width
                slot = -1
                if not grows:  # the lowest gives way; a new one its slot, too, while an old one may still be extended
                    lowest = work.upcoming[0]
                    if work.fresh[lowest]:
                        slot = lowest
                    else:
                        work.retired[n_retired] = lowest
                        n_retired += 1
                if slot < 0:
                    n_free_slots -= 1
                    slot = work.free[n_free_slots]
                work.next_blank[slot], work.next_letter[slot] = 0.0, score
                work.key[slot], work.parent_key[slot] = key, work.key[beam]
                work.node[slot], work.last[slot], work.trail[slot] = child, label, work.trail[beam]
                work.step[slot], work.lift[slot], work.fresh[slot] = step, lift, 1
                work.ending[slot] = grammar.is_figure[label]
                if ending > 0 and child > 0:
                    work.ending[slot] = (
                        child_of(ending - 1, label, grammar.ending_first_child, grammar.ending_labels) + 1
                    )
                if language.mode != PLAIN:
                    work.state[slot], work.closing[slot] = state, closing
                if language.mode >= NGRAMS:
                    work.words[slot], work.raw[slot], work.mean[slot] = words, raw, mean
                if language.mode == TOGETHER:
                    work.word_state[slot], work.spelling[slot], work.spelt[slot] = word_state, spelling, spelt
                highest = max(highest, score)
                floor = max(floor, beam_threshold * highest)
                if grows:
                    work.upcoming[size], work.score[size] = slot, score
                    size += 1
                    if size == width:
                        floor = max(floor, arrange(width, work))
                else:
                    work.upcoming[0], work.score[0] = slot, score
                    sink(0, width, work)
                    floor = max(floor, work.score[0])

        if highest == 0.0:
            rank(n_kept, work)
            return n_kept, bits, False
        scale = 1.0
        while highest * scale < SMALL:
            scale *= BIG
            bits += BIG_BITS
        best = highest * scale
        n_alive = size
        n_trails = settle(n_alive, scale, n_trails, work)
        for place in range(n_retired):
            work.free[n_free_slots] = work.retired[place]
            n_free_slots += 1

    if language.mode == TOGETHER:
        close_all(n_alive, lexemes, work)
    rank(n_alive, work)
    return n_alive, bits, True


FUNCTIONS = (child_of, search)
"""What `htrkit.decoders.lines_kernel` needs of this module, each after those that it calls."""
