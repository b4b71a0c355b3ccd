"""Word pairs of a corpus, smoothed, in the form that token passing reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from htrkit.language_models import kneser_ney
from htrkit.language_models.ngrams import SPECIAL, UNKNOWN


class Bigrams(NamedTuple):
    """ln P(word | the word before), in back-off form, for the words that a corpus has.

    Attributes
    ----------
    unknown
        ln P of any word that the corpus lacks, after whatever word.
    unigrams
        (words,) ln P of a word on its own.
    backoffs
        (words + 1,) added where the pair was not seen; last the begin of a line. Nothing is added after unknown words.
    offsets
        (words + 2,) int32: the pairs that begin with word ``w`` are ``offsets[w]`` to ``offsets[w + 1] - 1``; last
        those of the begin of a line.
    seconds, log_probs
        (pairs,) int32 and float64: the second word of each pair, and ln P of it after the first.
    """

    unknown: float
    unigrams: Any
    backoffs: Any
    offsets: Any
    seconds: Any
    log_probs: Any


NO_BIGRAMS = Bigrams(0.0, np.zeros(0), np.zeros(1), np.zeros(2, np.int32), np.zeros(0, np.int32), np.zeros(0))
"""Every sequence of words is as probable as any other."""


def estimate(corpus: Sequence[Sequence[str]], words: Sequence[str]) -> Bigrams:
    """Bigrams of a corpus, with Kneser and Ney's smoothing.

    Parameters
    ----------
    corpus
        The words of each line.
    words
        Words that occur there, each once; pairs with others are left to the back-off.

    Raises
    ------
    InputError
        If there is no word in the corpus.
    """
    model = kneser_ney.estimate(corpus, 2)
    begin = len(words)
    numbers = {word: number for number, word in enumerate(words)}
    number_of = np.array([-1, begin, -1, *(numbers.get(token, -1) for token in model.vocabulary[len(SPECIAL) :])])
    unigrams, backoffs = np.zeros(begin + 1), np.zeros(begin + 1)
    known = number_of >= 0
    unigrams[number_of[known]] = model.log_probs[0][known]
    backoffs[number_of[known]] = model.backoffs[0][known]
    firsts, seconds = number_of[model.rows[1]].T
    usable = np.flatnonzero((firsts >= 0) & (seconds >= 0))
    usable = usable[np.argsort(firsts[usable], kind="stable")]
    offsets = np.searchsorted(firsts[usable], np.arange(begin + 2))
    return Bigrams(
        float(model.log_probs[0][UNKNOWN]),
        unigrams[:begin],
        backoffs,
        offsets.astype(np.int32),
        seconds[usable].astype(np.int32),
        model.log_probs[1][usable],
    )
