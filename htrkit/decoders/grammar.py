"""Which texts the beam kernel allows: anything, or words from a trie with free text between them."""

from __future__ import annotations

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.kernel import Grammar


def anything(alphabet: Alphabet) -> Grammar:
    """Every text over the alphabet: a trie of one node, and no character that belongs to words."""
    is_free = np.ones(alphabet.n_labels, np.uint8)
    is_free[0] = 0
    return Grammar(
        free_labels=np.arange(1, alphabet.n_labels, dtype=np.int32),
        is_free=is_free,
        first_child=np.ones(2, np.int32),
        labels=np.zeros(1, np.int32),
        is_word=np.zeros(1, np.uint8),
        first_word=np.zeros(1, np.int32),
        n_words=np.zeros(1, np.int32),
    )
