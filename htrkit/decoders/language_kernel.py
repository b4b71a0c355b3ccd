"""How probable the beam kernel's languages find a text, in plain Python that numba compiles."""

from __future__ import annotations

import math
from typing import Any

from htrkit.decoders.beams import INCREMENT, MASK, MULTIPLIER, REMEMBERED, Work
from htrkit.decoders.languages import JOINER, SIGN, SPACE, Language, Ngrams, Words

SAMPLES = 20
"""Words that stand for all in the mode ``forecast-sample``."""


def ngram_step(ngrams: Ngrams, state: int, symbol: int) -> tuple[float, int]:
    """What n-grams give for a symbol after ``state``, and the state then."""
    factor = 1.0
    while state > 0:
        low = ngrams.first_child[state]
        end = ngrams.first_child[state + 1]
        high = end
        while low < high:
            middle = (low + high) // 2
            if ngrams.symbols[middle] < symbol:
                low = middle + 1
            else:
                high = middle
        if low < end and ngrams.symbols[low] == symbol:
            return factor * ngrams.factors[low], ngrams.next_states[low]
        factor *= ngrams.backoff_factors[state]
        state = ngrams.backoff_states[state]
    return factor * ngrams.factors[1 + symbol], ngrams.next_states[1 + symbol]


def characters_step(ngrams: Ngrams, state: int, symbols: Any, place: int) -> tuple[float, int]:
    """What n-grams give for the characters of a label of several, which begin at a place of ``symbols``, after
    ``state``, and the state then.
    """
    factor = 1.0
    while symbols[place] >= 0:
        given, state = ngram_step(ngrams, state, symbols[place])
        factor *= given
        place += 1
    return factor, state


def character_step(language: Language, state: int, label: int, work: Work) -> tuple[float, int]:
    """What the character model gives for a label after a state; what it was asked lately, it is not asked again."""
    question = (state + 1) << 20 | label
    place = (((question * MULTIPLIER) & MASK) >> 40) & (REMEMBERED - 1)
    if work.asked[place] != question:
        work.asked[place] = question
        symbol = language.symbols[label]
        if symbol >= 0:
            work.given[place], work.then[place] = ngram_step(language.characters, state, symbol)
        else:
            work.given[place], work.then[place] = characters_step(language.characters, state, language.symbols, -symbol)
    return work.given[place], work.then[place]


def place_of(words: Words, spelling: int) -> int:
    """Where the word with a hash is among the words of a model; -1 if it is none of them."""
    key = (spelling * MULTIPLIER) & MASK  # words that differ in their last letter have hashes side by side
    bucket = key >> words.shift
    for place in range(words.buckets[bucket], words.buckets[bucket + 1]):
        if words.spellings[place] == key:
            return place
    return -1


def word_step(words: Words, state: int, spelling: int, spelt: float) -> tuple[float, int]:
    """What a word model gives for a word after ``state``, when the characters have given ``exp(spelt)``, and the state
    then. Where no word was begun nothing changes.
    """
    if spelling == INCREMENT:
        return 1.0, state
    place = place_of(words, spelling)
    symbol = words.symbols[place] if place >= 0 else 0
    factor, state = ngram_step(words.ngrams, state, symbol)
    factor *= words.each
    factor *= words.unknown if symbol == 0 else math.exp(-words.share * spelt)
    if place >= 0 and words.is_hot[place]:
        factor *= words.hot
    return factor, state


def label_step(
    words: Words, label: int, given: float, state: int, spelling: int, spelt: float
) -> tuple[float, int, int, float]:
    """What a word model adds to what the characters have ``given`` for one more label; its state, the hash of the word
    begun, and ln of what the characters gave that, before and after.
    """
    kind, factor, of_character = words.kinds[label], 1.0, math.log(given) - words.each_character[label]
    if kind >= SIGN:
        factor, state = word_step(words, state, spelling, spelt)
        spelling, spelt = INCREMENT, 0.0
    if kind == SIGN or (kind == JOINER and spelling == INCREMENT):
        symbol = words.signs[label]
        if symbol > 0:
            p, state = ngram_step(words.ngrams, state, symbol)
            factor *= p * math.exp(-words.share * of_character)
    elif kind != SPACE:
        spelling = (spelling * MULTIPLIER + words.letters[label]) & MASK
        spelt += of_character
    return factor, state, spelling, spelt


def close_all(count: int, words: Words, work: Work) -> None:
    """End the words at the end of a line."""
    for place in range(count):
        beam = work.alive[place]
        factor, _ = word_step(words, work.word_state[beam], work.spelling[beam], work.spelt[beam])
        work.blank[beam] *= factor
        work.letter[beam] *= factor


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
    vocabulary = len(language.cumulative) - 2
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


FUNCTIONS = (
    ngram_step,
    characters_step,
    character_step,
    place_of,
    word_step,
    label_step,
    close_all,
    bigram_index,
    words_probability,
    sampled_probability,
    mean_log_prob,
)
"""All of them, each after those that it calls."""
