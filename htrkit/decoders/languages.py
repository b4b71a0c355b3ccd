"""How probable texts are, in the form that the beam kernel reads: a character model, or word bigrams of a corpus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.notices import warn_of_capitals
from htrkit.decoders.trie import Trie
from htrkit.decoders.vocabulary import APOSTROPHES
from htrkit.errors import UsageError

PLAIN, CHARACTERS, NGRAMS, FORECAST, SAMPLE = range(5)


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
        (words + 2,) how often the words before each one occur; the last stands for what is none of them.
    bigram_offsets, bigram_words, bigram_cumulative
        (words + 2,), (bigrams,) and (bigrams + 1,).
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


_NONE, _NO_COUNT = np.zeros(1, np.int32), np.zeros(1, np.int64)

NO_LANGUAGE = Language(
    mode=PLAIN,
    symbols=_NONE,
    first_child=_NONE,
    child_symbols=_NONE,
    factors=np.ones(1),
    backoff_factors=np.ones(1),
    next_states=_NONE,
    backoff_states=_NONE,
    start=0,
    cumulative=_NO_COUNT,
    bigram_offsets=_NONE,
    bigram_words=_NONE,
    bigram_cumulative=_NO_COUNT,
    smoothing=0.0,
    seed=0,
)
"""Every text is as probable as any other."""


def character_language(alphabet: Alphabet, name_or_path: str | None, weight: float) -> Language:
    """The language of a character model, its probabilities raised to ``weight``; `NO_LANGUAGE` without a model or
    weight.

    Raises UsageError if the weight is negative, or the model is neither a name nor a file; ModelError if the file is no
    character model.
    """
    if not 0 <= weight < np.inf:
        raise UsageError(f"language_model_weight is {weight}, but it must not be negative: give 0 to ignore the model")
    if name_or_path is None or weight == 0:
        return NO_LANGUAGE
    from htrkit.language_models.character_file import load_characters  # only those who name a model need it

    model = load_characters(name_or_path)
    warn_of_capitals(name_or_path, model.characters, alphabet)
    symbols, of_apostrophes = model.symbols_of(alphabet), model.symbols_of(APOSTROPHES)
    for label, character in enumerate(alphabet.characters, start=1):
        if character in APOSTROPHES and symbols[label] == 0:  # the model has another one, or none
            symbols[label] = of_apostrophes.max()
    return NO_LANGUAGE._replace(
        mode=CHARACTERS,
        symbols=symbols,
        first_child=model.first_child,
        child_symbols=model.symbols,
        factors=np.exp(weight * model.log_probs.astype(np.float64)),
        backoff_factors=np.exp(weight * model.backoffs.astype(np.float64)),
        next_states=model.next_states,
        backoff_states=model.backoff_states,
        start=model.start_state,
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
        start=-1,
        cumulative=np.concatenate([[0], np.cumsum(np.append(counts, counts.sum() // max(1, n)))]).astype(np.int64),
        bigram_offsets=np.searchsorted(bigrams, np.arange(n + 2) * n).astype(np.int32),
        bigram_words=(bigrams % n).astype(np.int32) if len(bigrams) else np.zeros(0, np.int32),
        bigram_cumulative=np.concatenate([[0], np.cumsum(how_often)]).astype(np.int64),
        smoothing=float(smoothing),
        seed=seed,
    )
