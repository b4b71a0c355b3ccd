"""A lexicon as a forest in flat arrays: some words on branches of their own, the others sharing their beginnings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from htrkit_lexicon.words import Ints, Words


@dataclass(frozen=True, slots=True)
class Forest:
    """Nodes are beginnings of words, shorter ones first, so that a parent has a smaller number than its children.

    Attributes
    ----------
    n_roots
        The first so many nodes are first letters.
    first_child
        (nodes + 1,) int32: the children of node ``n`` are ``first_child[n]`` to ``first_child[n + 1] - 1``.
    labels
        (nodes,) int32: the last letter of each beginning.
    words
        (nodes,) int32: the word that ends there, -1 if none does.
    """

    n_roots: int
    first_child: Ints
    labels: Ints
    words: Ints


def grow(words: Words, n_own: int) -> Forest:
    """The forest of distinct words.

    Parameters
    ----------
    n_own
        So many words, from the first, have branches of their own: node ``w`` is the first letter of word ``w``. The
        other words share the nodes of their common beginnings.
    """
    n_labels = int(words.labels.max()) + 1
    alive = np.arange(len(words.texts))
    above = np.full(len(alive), -1, np.int64)  # the node of each word's beginning so far
    parents, labels, ends = [], [], []
    size = 0
    for depth in range(words.labels.shape[1]):
        longer = words.lengths[alive] > depth
        alive, above = alive[longer], above[longer]
        letters = words.labels[alive, depth].astype(np.int64)
        keys = np.where(alive < n_own, alive, n_own + (above + 1) * n_labels + letters)
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        parents.append(above[first])
        labels.append(letters[first])
        level_ends = np.full(len(first), -1, np.int64)
        complete = words.lengths[alive] == depth + 1
        level_ends[inverse[complete]] = alive[complete]
        ends.append(level_ends)
        above = size + inverse
        size += len(first)
    n_children = np.bincount(np.concatenate(parents) + 1, minlength=size + 1)
    return Forest(
        int(n_children[0]),
        np.cumsum(n_children).astype(np.int32),
        np.concatenate(labels).astype(np.int32),
        np.concatenate(ends).astype(np.int32),
    )
