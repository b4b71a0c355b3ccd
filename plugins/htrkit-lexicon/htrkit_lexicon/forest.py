"""A lexicon as a forest in flat arrays: some words on branches of their own, the others sharing their beginnings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from htrkit import Alphabet
from htrkit.decoders import Trie


class Forest(NamedTuple):
    """Nodes are beginnings of words, all arrays int32.

    Attributes
    ----------
    roots
        (roots,) the nodes of first letters; first those of the words with branches of their own.
    labels
        (nodes,) the last letter of each beginning.
    first_child, stop_child
        (nodes,) the children of node ``n`` are the nodes ``first_child[n]`` to ``stop_child[n] - 1``.
    words
        (nodes,) the word that ends there, -1 if none does.
    n_words
        How many there are.
    """

    roots: Any
    labels: Any
    first_child: Any
    stop_child: Any
    words: Any
    n_words: int


def grow(own: Sequence[str], others: Collection[str], alphabet: Alphabet) -> tuple[Forest, list[str]]:
    """The forest of distinct words, and all words by number: first those that have branches of their ``own``, then
    ``others``, which share the nodes of their common beginnings.
    """
    trie = Trie.of(dict.fromkeys(others, 1), alphabet)
    letters = alphabet.encode("".join(own))
    stops = np.cumsum([len(word) for word in own], dtype=np.int64)
    n, next_letters = len(letters), np.arange(1, len(letters) + 1)
    last = np.isin(next_letters, stops)
    words = np.full(n, -1)
    words[last] = np.arange(len(own))
    parts = {
        "roots": (np.append(0, stops)[: len(own)], np.arange(1, trie.first_child[1]) + n),
        "labels": (letters, trie.labels),
        "first_child": (next_letters, trie.first_child[:-1] + n),
        "stop_child": (next_letters + ~last, trie.first_child[1:] + n),
        "words": (words, np.where(trie.is_word > 0, trie.first_word + len(own), -1)),
    }
    arrays = {name: np.concatenate(both).astype(np.int32) for name, both in parts.items()}
    return Forest(**arrays, n_words=len(own) + len(trie)), [*own, *trie.words(alphabet)]
