"""Which texts the beam kernel allows: anything, or words from a trie with free text between them."""

from __future__ import annotations

from collections.abc import Iterable
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
    is_figure
        (labels,) 1 for those of them that are figures.
    joined
        1 if a word may begin where another ends.
    first_child, labels, is_word, first_word, n_words
        The arrays of a `htrkit.decoders.trie.Trie`, and a last node that no word leads to. The word there is one more
        than there are.
    ending_first_child, ending_labels, ending_is_word
        Of the trie of what else may follow a figure.
    """

    free_labels: Any
    is_figure: Any
    joined: int
    first_child: Any
    labels: Any
    is_word: Any
    first_word: Any
    n_words: Any
    ending_first_child: Any
    ending_labels: Any
    ending_is_word: Any


def anything(alphabet: Alphabet) -> Grammar:
    """Every text over the alphabet: a trie of one node, and no character that belongs to words."""
    return words_between(alphabet, "", Trie.of({}, alphabet))


def words_between(
    alphabet: Alphabet, word_characters: str, trie: Trie, *, endings: Iterable[str] = (), joined: bool = False
) -> Grammar:
    """Words of a trie, and between them any text of the alphabet's other characters.

    ``endings`` are texts of word characters that may follow a figure directly, though they are no words; where words
    are ``joined``, one may begin where another ends.
    """
    is_free = np.ones(alphabet.n_labels, bool)
    is_free[[BLANK, *alphabet.labels_of(word_characters)]] = False
    after_figures = Trie.of(dict.fromkeys(endings, 1), alphabet)
    return Grammar(
        free_labels=np.flatnonzero(is_free),
        is_figure=is_free & [False, *map(str.isnumeric, alphabet.labels)],
        joined=int(joined),
        first_child=np.append(trie.first_child, trie.first_child[-1]),
        labels=np.append(trie.labels, BLANK),
        is_word=np.append(trie.is_word, 0),
        first_word=np.append(trie.first_word, len(trie)),
        n_words=np.append(trie.n_words, 1),
        ending_first_child=after_figures.first_child,
        ending_labels=after_figures.labels,
        ending_is_word=after_figures.is_word,
    )


def child_of(node: int, label: int, first_child: Any, labels: Any) -> int:
    """The child of a trie's node with a label, -1 if there is none; plain Python that numba compiles."""
    for child in range(first_child[node], first_child[node + 1]):
        if labels[child] == label:
            return child
    return -1
