"""A character n-gram model: which characters it knows, and how probable each is after others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from htrkit.alphabet import APOSTROPHES, Alphabet
from htrkit.errors import ModelError
from htrkit.language_models.ngram_trie import Ints, NgramTrie
from htrkit.language_models.ngrams import SPECIAL, UNKNOWN, NgramModel

SPACE = "<space>"
"""How a space is written where tokens are separated by spaces (ARPA files, ``lmplz``)."""


@dataclass(frozen=True, slots=True)
class CharacterModel:
    """P(character | the characters before it).

    Attributes
    ----------
    characters
        The characters known: ``characters[i]`` is the trie's symbol ``i + 3``.
    trie
        Of their n-grams.
    """

    characters: str
    trie: NgramTrie


def symbols_of(characters: str, alphabet: Alphabet) -> Ints:
    """(at least labels,) int32: the symbol of each label of a network; 0 for the blank and for unknown characters.

    A character that is unknown is taken for one that differs from it in nothing but its apostrophe or its case. For
    labels of several characters, see `htrkit.decoders.languages.Language`.
    """
    known = {character: symbol for symbol, character in enumerate(characters, start=len(SPECIAL))}
    symbols, runs = [UNKNOWN], list[int]()
    for label in alphabet.labels:
        of_label = [next((known[one] for one in _alike(c) if one in known), UNKNOWN) for c in label]
        symbols += of_label if len(label) == 1 else [-(alphabet.n_labels + len(runs))]
        runs += [*of_label, -1] if len(label) > 1 else []
    return np.array(symbols + runs, dtype=np.int32)


def _alike(character: str) -> Iterable[str]:
    return (character, *(APOSTROPHES if character in APOSTROPHES else (character.swapcase(),)))


def from_ngrams(model: NgramModel) -> CharacterModel:
    """The character model of an n-gram model whose tokens are single characters, and `SPACE` for the space.

    Raises ModelError if a token is not a single character, or the n-grams do not hang together.
    """
    characters = [" " if token == SPACE else token for token in model.vocabulary[len(SPECIAL) :]]
    long = next((token for token in characters if len(token) != 1), None)
    if long is not None:
        raise ModelError(
            f"no character model: it has the token {long!r}; build one with 'htrkit lm build --characters'"
        )
    try:
        return CharacterModel("".join(characters), NgramTrie.of(model))
    except ModelError as error:
        raise ModelError(f"no character model: {error}") from None
