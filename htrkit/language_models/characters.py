"""A character n-gram model: which characters it knows, and how probable each is after others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from htrkit.alphabet import Alphabet
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

    def symbols_of(self, alphabet: str | Alphabet) -> Ints:
        """(labels,) int32: the symbol of each label of a network; 0 for the blank and for unknown characters."""
        known = {character: symbol for symbol, character in enumerate(self.characters, start=len(SPECIAL))}
        return np.array([UNKNOWN, *(known.get(c, UNKNOWN) for c in Alphabet.of(alphabet).characters)], dtype=np.int32)


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
