"""Which texts the beam kernel allows: anything, or words from a trie with free text between them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from htrkit.alphabet import BLANK, Alphabet
from htrkit.decoders.trie import Trie


class Grammar(NamedTuple):
    """A trie for the labels that words are made of, and the labels that may stand between words.

    Attributes
    ----------
    free_labels
        (n,) labels that belong to no word, the blank left out; allowed at the root and after a whole word.
    first_child, labels, is_word, first_word, n_words
        The arrays of a `htrkit.decoders.trie.Trie`.
    """

    free_labels: Any
    first_child: Any
    labels: Any
    is_word: Any
    first_word: Any
    n_words: Any


def anything(alphabet: Alphabet) -> Grammar:
    """Every text over the alphabet: a trie of one node, and no character that belongs to words."""
    return words_between(alphabet, "", Trie.of({}, alphabet))


def words_between(alphabet: Alphabet, word_characters: str, trie: Trie) -> Grammar:
    """Words of a trie, and between them any text of the alphabet's other characters."""
    is_free = np.ones(alphabet.n_labels, bool)
    is_free[[BLANK, *alphabet.encode(word_characters)]] = False
    return Grammar(
        free_labels=np.flatnonzero(is_free).astype(np.int32),
        first_child=trie.first_child,
        labels=trie.labels,
        is_word=trie.is_word,
        first_word=trie.first_word,
        n_words=trie.n_words,
    )
