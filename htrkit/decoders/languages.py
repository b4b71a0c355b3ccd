"""How probable texts are, in the form that the beam kernel reads: n-grams of characters and words, or word bigrams of
a corpus.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.trie import Trie
from htrkit.language_models.ngram_trie import NgramTrie

PLAIN, CHARACTERS, TOGETHER, NGRAMS, FORECAST, SAMPLE = range(6)
LETTER, JOINER, SIGN, SPACE = range(4)
"""What a label is to a word model: part of words; that, but not at their begin, where it is a word of its own; always a
word of its own; nothing but the end of the word before it, as a sign is too.
"""


class Ngrams(NamedTuple):
    """The arrays of a `htrkit.language_models.ngram_trie.NgramTrie`, its log-probabilities weighted and raised:
    ``factors = exp(weight * log_probs)``.
    """

    first_child: Any
    symbols: Any
    factors: Any
    backoff_factors: Any
    next_states: Any
    backoff_states: Any
    start: int


class Words(NamedTuple):
    """A word model, and how its words are found by their spelling.

    While a word is being spelt, the characters say how probable it is; at its end the word model does, and what the
    characters gave is taken back. A word that the model does not know has the probability of ``<unk>`` times that of
    its characters.

    Attributes
    ----------
    ngrams
        Of the words.
    kinds, signs, letters
        (labels,) one of the constants above; as a word of its own, the symbol in ``ngrams``, 0 if that has none; in the
        hash of a word, the code point, one for all apostrophes.
    ends
        The labels that are signs or spaces.
    spellings
        (words,) the hashes, ascending.
    buckets
        Hashes of ``key >> shift`` are the places ``buckets[key >> shift]`` to ``buckets[(key >> shift) + 1] - 1``.
    symbols, is_hot
        (words,) the word with each hash in ``ngrams``, and 1 if it is to be favoured.
    shift
        See ``buckets``.
    share
        The part of what the characters gave that is taken back.
    unknown, each, hot
        Factors of each word that the model does not know, of each word, of each that is favoured.
    each_character
        (labels,) what was added for the characters of each label, which is not taken back.
    most
        What the end of a word can give beyond what is taken back.
    """

    ngrams: Ngrams
    kinds: Any
    signs: Any
    letters: Any
    ends: Any
    spellings: Any
    buckets: Any
    symbols: Any
    is_hot: Any
    shift: int
    share: float
    unknown: float
    each: float
    hot: float
    each_character: Any
    most: float


class Language(NamedTuple):
    """How probable a text is: nothing (`PLAIN`), a character model (`CHARACTERS`), one with a word model (`TOGETHER`)
    or word bigrams.

    Attributes
    ----------
    mode
        One of the constants above.
    characters, symbols
        A character model, and (at least labels,) the symbol of each label in it. Of a label of several characters,
        the negative of the place, after those of all labels, where the symbols of its characters begin; -1 ends them.
    words
        A word model.
    cumulative
        (words + 2,) how often the words before each one occur; the last stands for what is none of them.
    bigram_offsets, bigram_words, bigram_cumulative
        (words + 2,), (bigrams,) and (bigrams + 1,).
        The words that follow word ``w`` are ``bigram_words[bigram_offsets[w]:bigram_offsets[w + 1]]``, ascending;
        ``bigram_cumulative[i]`` counts the bigrams before the ``i``-th of all.
    smoothing
        Added to every count.
    seed
        Of the forecast's samples.
    lift
        The most that characters can give for one more label, 1 or more.
    """

    mode: int
    characters: Ngrams
    symbols: Any
    words: Words
    cumulative: Any
    bigram_offsets: Any
    bigram_words: Any
    bigram_cumulative: Any
    smoothing: float
    seed: int
    lift: float


_NONE, _NO_COUNT = np.zeros(1, np.int32), np.zeros(1, np.int64)


def uniform(log_prob: float) -> Ngrams:
    """Every symbol is 0 and equally probable."""
    ones, none = np.ones(2), np.zeros(2, np.int32)
    return Ngrams(np.array([1, 2, 2], np.int32), none, np.exp(log_prob * ones), ones, none, none, 0)


NO_LANGUAGE = Language(
    mode=PLAIN,
    characters=uniform(0.0),
    symbols=_NONE,
    words=Words(
        ngrams=uniform(0.0),
        kinds=_NONE,
        signs=_NONE,
        letters=_NONE,
        ends=_NONE[:0],
        spellings=_NO_COUNT,
        buckets=_NONE,
        symbols=_NONE,
        is_hot=_NONE,
        shift=0,
        share=0.0,
        unknown=1.0,
        each=1.0,
        hot=1.0,
        each_character=np.zeros(1),
        most=1.0,
    ),
    cumulative=_NO_COUNT,
    bigram_offsets=_NONE,
    bigram_words=_NONE,
    bigram_cumulative=_NO_COUNT,
    smoothing=0.0,
    seed=0,
    lift=1.0,
)
"""Every text is as probable as any other."""


def weighted(trie: NgramTrie, weight: float) -> Ngrams:
    """A trie's probabilities raised to ``weight``."""
    return Ngrams(
        trie.first_child,
        trie.symbols,
        np.exp(weight * trie.log_probs.astype(np.float64)),
        np.exp(weight * trie.backoffs.astype(np.float64)),
        trie.next_states,
        trie.backoff_states,
        trie.start_state,
    )


def word_language(
    words: Iterable[str | None] | None,
    trie: Trie,
    alphabet: Alphabet,
    *,
    mode: int,
    smoothing: float,
    seed: int = 0,
) -> Language:
    """P(word) and P(word | word before), from counts with ``smoothing`` added to each.

    Parameters
    ----------
    words
        A corpus, word by word, None where a word stands that does not count. Without a corpus the words' own counts
        in the lexicon make P(word), whatever went before.
    trie
        The words that there are; others in the corpus do not count.
    mode
        `NGRAMS`, ``FORECAST`` or ``SAMPLE``.
    """
    n = len(trie)
    counts, bigrams = trie.counts, np.zeros(0, np.int64)
    how_often = np.zeros(0, np.int64)
    if words is not None:
        numbers = trie.numbers(["" if word is None else word for word in words], alphabet)
        counts = np.bincount(numbers[numbers >= 0], minlength=n)
        first, second = numbers[:-1], numbers[1:]
        both = (first >= 0) & (second >= 0)
        bigrams, how_often = np.unique(first[both] * n + second[both], return_counts=True)
    return NO_LANGUAGE._replace(
        mode=mode,
        characters=uniform(0.0)._replace(start=-1),  # no word yet
        cumulative=np.concatenate([[0], np.cumsum(np.append(counts, counts.sum() // max(1, n)))]).astype(np.int64),
        bigram_offsets=np.searchsorted(bigrams, np.arange(n + 2) * n).astype(np.int32),
        bigram_words=(bigrams % n).astype(np.int32) if len(bigrams) else np.zeros(0, np.int32),
        bigram_cumulative=np.concatenate([[0], np.cumsum(how_often)]).astype(np.int64),
        smoothing=float(smoothing),
        seed=seed,
    )
