"""How probable the beam kernel's languages find a text, in plain Python that numba compiles."""

from __future__ import annotations

import math

from htrkit.decoders.beams import INCREMENT, MASK, MULTIPLIER
from htrkit.decoders.languages import Language

SAMPLES = 20
"""Words that stand for all in the mode ``forecast-sample``."""


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


FUNCTIONS = (character_step, bigram_index, words_probability, sampled_probability, mean_log_prob)
"""All of them, each after those that it calls."""
