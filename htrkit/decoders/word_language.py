"""Word bigrams, counted from a corpus, in the form that the beam kernel reads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.character_language import NO_LANGUAGE
from htrkit.decoders.kernel_arrays import Language
from htrkit.decoders.trie import Trie


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
        `htrkit.decoders.kernel_arrays.NGRAMS`, ``FORECAST`` or ``SAMPLE``.
    """
    n = len(trie)
    counts, bigrams = trie.counts, np.zeros(0, np.int64)
    how_often = np.zeros(0, np.int64)
    if words is not None:
        tokens = ["" if word is None else word for word in words]
        numbers = trie.numbers(tokens, alphabet)
        counts = np.bincount(numbers[numbers >= 0], minlength=n)
        first, second = numbers[:-1], numbers[1:]
        both = (first >= 0) & (second >= 0)
        bigrams, how_often = np.unique(first[both] * n + second[both], return_counts=True)
    return NO_LANGUAGE._replace(
        mode=mode,
        start=-1,
        cumulative=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        bigram_offsets=np.searchsorted(bigrams, np.arange(n + 1) * n).astype(np.int32),
        bigram_words=(bigrams % n).astype(np.int32) if len(bigrams) else np.zeros(0, np.int32),
        bigram_cumulative=np.concatenate([[0], np.cumsum(how_often)]).astype(np.int64),
        smoothing=float(smoothing),
        seed=seed,
    )
