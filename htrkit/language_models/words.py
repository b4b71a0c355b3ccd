"""A word n-gram model: which words it knows, and how probable each is after others."""

from __future__ import annotations

from dataclasses import dataclass

from htrkit.errors import ModelError
from htrkit.language_models.characters import SPACE
from htrkit.language_models.ngram_trie import NgramTrie
from htrkit.language_models.ngrams import SPECIAL, NgramModel


@dataclass(frozen=True, slots=True)
class WordModel:
    """P(word | the words before it). Punctuation is attached to words, or stands apart.

    Attributes
    ----------
    words
        The words known: ``words[i]`` is the trie's symbol ``i + 3``.
    trie
        Of their n-grams.
    """

    words: tuple[str, ...]
    trie: NgramTrie


def from_ngrams(model: NgramModel) -> WordModel:
    """The word model of an n-gram model.

    Raises ModelError if all its tokens are single characters, or the n-grams do not hang together.
    """
    words = model.vocabulary[len(SPECIAL) :]
    if words and all(len(word) == 1 or word == SPACE for word in words):
        raise ModelError("it is a model of characters, and words are wanted")
    return WordModel(words, NgramTrie.of(model))
