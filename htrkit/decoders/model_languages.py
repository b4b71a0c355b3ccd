"""The language of the language models that a user names: characters, words, or both together."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import APOSTROPHES, Alphabet
from htrkit.decoders.beams import INCREMENT, MASK, MULTIPLIER
from htrkit.decoders.languages import (
    CHARACTERS,
    JOINER,
    LETTER,
    NO_LANGUAGE,
    SIGN,
    SPACE,
    TOGETHER,
    Language,
    Ngrams,
    Words,
    uniform,
    weighted,
)
from htrkit.decoders.notices import warn, warn_of_capitals
from htrkit.errors import UsageError
from htrkit.language_models.arpa import LN10
from htrkit.language_models.characters import symbols_of
from htrkit.language_models.ngrams import SPECIAL, UNKNOWN

MOST = 100.0
"""Of scores and bonuses."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How texts are weighed: exponents of both models, how probable an unknown word is, in decades, and what
    is added to the score for each character, each word, each word that is favoured.
    """

    characters: float = 0.5
    words: float = 0.3
    unknown: float = -1.6
    each_character: float = 0.3
    each_word: float = 0.0
    hot: float = 10.0


def language_of_models(
    alphabet: Alphabet,
    characters: str | Path | None,
    words: str | Path | None,
    weights: Weights,
    hotwords: Sequence[str] = (),
) -> Language:
    """The language of a character model, a word model, or both.

    A model without a name or weight says nothing. If it is that of characters, all characters are equally probable in
    words that the word model does not know.

    Raises UsageError if a weight makes no sense, or a model is neither a name nor a file; ModelError if a file is no
    such model.
    """
    for name, value in (("language_model_weight", weights.characters), ("word_model_weight", weights.words)):
        if not 0 <= value < math.inf:
            raise UsageError(f"{name} is {value}, but it must not be negative: give 0 to ignore the model")
    others = (weights.unknown, weights.each_character, weights.each_word, weights.hot)
    if not all(abs(value) <= MOST for value in others):
        raise UsageError(f"a score or bonus is beyond {MOST}, where it would outweigh every line")
    characters = characters if weights.characters else None
    words = words if weights.words else None
    together = (weights.characters if characters else 0.0) + (weights.words if words else 0.0)
    if together == 0:
        return NO_LANGUAGE
    bonus = math.exp(weights.each_character)
    language = NO_LANGUAGE._replace(mode=CHARACTERS, lift=max(1.0, bonus ** max(map(len, alphabet.labels))))
    if characters is None:
        each = uniform(-together * math.log(alphabet.n_labels) + weights.each_character)
        language = language._replace(symbols=symbols_of("", alphabet), characters=each)
    else:
        symbols, ngrams = _characters(alphabet, characters, together)
        ngrams = ngrams._replace(factors=ngrams.factors * bonus)
        language = language._replace(symbols=symbols, characters=ngrams)
    if words is None:
        return language
    return language._replace(mode=TOGETHER, words=_words(alphabet, words, together, weights, hotwords))


def _characters(alphabet: Alphabet, name_or_path: str | Path, weight: float) -> tuple[NDArray[Any], Ngrams]:
    from htrkit.language_models.character_file import load_characters  # only those who name a model need it

    model = load_characters(name_or_path)
    warn_of_capitals(str(name_or_path), model.characters, alphabet)
    return symbols_of(model.characters, alphabet), weighted(model.trie, weight)


def _words(
    alphabet: Alphabet, name_or_path: str | Path, together: float, weights: Weights, hotwords: Sequence[str]
) -> Words:
    from htrkit.language_models.word_file import load_words

    model = load_words(name_or_path)
    numbers = {word: number for number, word in enumerate(model.words)}
    if warn_of_capitals(str(name_or_path), model.words, alphabet):  # then a word is the same in both
        for number, word in enumerate(model.words):
            for form in (word.lower(), word.capitalize(), word.upper()):
                numbers.setdefault(form, number)
    for hotword in hotwords:
        if missing := alphabet.unknown(hotword):
            unread = " ".join(map(repr, missing))
            warn(f"the hotword {hotword!r} has no effect: the network does not read {unread}")
    known, hot = spelt(list(numbers), alphabet), spelt(hotwords, alphabet)
    spellings, first = np.unique(np.concatenate([known.hashes, hot.hashes]), return_index=True)
    of_words = len(SPECIAL) + np.array(list(numbers.values()), np.int64)
    symbols = np.append(of_words[known.words], np.full(len(hot.words), UNKNOWN))[first]
    kinds = np.array([LETTER, *_kinds(alphabet.labels, model.words)])
    folded = _folded(alphabet.characters)
    alone = {_folded(word): symbol for symbol, word in enumerate(model.words, start=len(SPECIAL)) if len(word) == 1}
    bits = max(1, len(spellings)).bit_length()
    ngrams = weighted(model.trie, weights.words)
    unknown = math.exp(weights.words * (weights.unknown * LN10 - float(model.trie.log_probs[1 + UNKNOWN])))
    favour = math.exp(max(0.0, weights.hot)) if hotwords else 1.0
    return Words(
        ngrams=ngrams,
        kinds=kinds,
        signs=np.array([UNKNOWN, *(alone.get(_folded(label), UNKNOWN) for label in alphabet.labels)]),
        letters=np.array([0, *map(ord, folded)]),
        ends=np.flatnonzero(kinds >= SIGN),
        spellings=spellings,
        buckets=np.searchsorted(spellings >> (63 - bits), np.arange((1 << bits) + 1)),
        symbols=symbols,
        is_hot=np.isin(spellings, hot.hashes),
        shift=63 - bits,
        share=weights.words / together,
        unknown=unknown,
        each=math.exp(weights.each_word),
        hot=math.exp(weights.hot),
        each_character=weights.each_character * np.array([1, *map(len, alphabet.labels)], np.float64),
        most=math.exp(weights.each_word) * favour * max(1.0, unknown * float(ngrams.factors[1 + UNKNOWN])),
    )


def _kinds(labels: Sequence[str], words: Sequence[str]) -> Iterator[int]:
    """What each label is to a model of these words: letters and figures, what stands beside others in some word, and
    signs.
    """
    begins = set(_folded("".join(word[0] for word in words if len(word) > 1)))
    inside = set(_folded("".join(word[1:] for word in words)))
    for label in map(_folded, labels):
        if label == " ":
            yield SPACE
        elif any(c.isalnum() or unicodedata.category(c).startswith("M") or c in begins for c in label):
            yield LETTER
        else:
            yield JOINER if inside.issuperset(label) else SIGN


@dataclass(frozen=True, slots=True)
class Spelt:
    """(spellings,) the hashes of words as the beam kernel makes them, and which word each is; one that Unicode can
    write in two ways is there twice.
    """

    hashes: NDArray[np.int64]
    words: NDArray[np.int64]


def spelt(words: Sequence[str], alphabet: Alphabet) -> Spelt:
    """The spellings of words, in an alphabet's `characters`."""
    texts, numbers = list(words), list(range(len(words)))
    for number, word in enumerate(words):
        if not word.isascii():
            for form in ("NFC", "NFD"):
                texts.append(unicodedata.normalize(form, word))
                numbers.append(number)
    texts = [alphabet.spelt(text) for text in texts] if alphabet.has_longer else texts
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    points = np.frombuffer(_folded("".join(texts)).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    starts = np.cumsum(lengths) - lengths
    hashes = np.full(len(texts), INCREMENT, np.uint64)
    for place in range(lengths.max(initial=0)):
        longer = np.flatnonzero(lengths > place)
        hashes[longer] = hashes[longer] * np.uint64(MULTIPLIER) + points[starts[longer] + place]
    hashes = (hashes * np.uint64(MULTIPLIER)) & np.uint64(MASK)
    return Spelt(hashes.astype(np.int64), np.array(numbers, np.int64))


def _folded(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, APOSTROPHES), APOSTROPHES[0]))
