"""Words over an alphabet as a trie in flat arrays, which a kernel can walk and a file can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import Alphabet
from htrkit.errors import ShapeError

Ints = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Trie:
    """A trie of words, breadth first: node 0 is the root, the children of each node lie side by side.

    Words are numbered in the order of their labels, a word before those that it begins; so the words at and below a
    node have consecutive numbers.

    Attributes
    ----------
    first_child
        (nodes + 1,) int32: the children of node ``n`` are the nodes ``first_child[n]`` to ``first_child[n + 1] - 1``,
        labels ascending.
    labels
        (nodes,) int32: the label on the way into each node; 0 for the root.
    is_word
        (nodes,) uint8: 1 where a word ends.
    first_word, n_words
        (nodes,) int32: the words at and below a node are ``first_word`` to ``first_word + n_words - 1``.
    counts
        (words,) int64: how often each word was given.
    """

    first_child: Ints
    labels: Ints
    is_word: Ints
    first_word: Ints
    n_words: Ints
    counts: Ints

    @classmethod
    def of(cls, words: Mapping[str, int], alphabet: Alphabet) -> Trie:
        """The trie of ``words``, in the alphabet's `characters`, and their counts.

        Raises
        ------
        ShapeError
            If a word is empty or has a character outside the alphabet.
        """
        flat, lengths = _encoded(list(words), alphabet)
        if not lengths.all() or (flat == 0).any():
            raise ShapeError("a word is empty, or has characters outside the alphabet")
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        nodes = np.zeros(len(lengths), np.int64)  # where each word has got to
        levels, parents, begin = [np.zeros(1, np.int64)], [np.zeros(0, np.int64)], 1
        for depth in range(lengths.max(initial=0)):
            going = np.flatnonzero(lengths > depth)
            keys, place = np.unique(nodes[going] * alphabet.n_labels + flat[starts[going] + depth], return_inverse=True)
            nodes[going] = begin + place.reshape(-1)
            levels.append(keys % alphabet.n_labels)
            parents.append(keys // alphabet.n_labels)
            begin += len(keys)

        labels, parent = np.concatenate(levels), np.concatenate(parents)
        child_counts = np.bincount(parent, minlength=len(labels))
        first_child = np.concatenate([[1], 1 + np.cumsum(child_counts)])
        counts = np.bincount(nodes, weights=list(words.values()), minlength=len(labels)).astype(np.int64)
        is_word = np.zeros(len(labels), np.int64)
        is_word[nodes] = 1
        first_word, n_words = _numbered(is_word, parent, first_child, [len(level) for level in levels])
        in_order = np.flatnonzero(is_word)
        in_order = in_order[np.argsort(first_word[in_order], kind="stable")]
        return cls(
            first_child.astype(np.int32),
            labels.astype(np.int32),
            is_word.astype(np.uint8),
            first_word.astype(np.int32),
            n_words.astype(np.int32),
            counts[in_order],
        )

    def __len__(self) -> int:
        """How many words there are."""
        return len(self.counts)

    def numbers(self, words: Mapping[str, int] | list[str], alphabet: Alphabet) -> NDArray[np.int64]:
        """(words,) the number of each word; -1 for those that are not in the trie."""
        flat, lengths = _encoded(list(words), alphabet)
        parents = np.repeat(np.arange(len(self.labels)), np.diff(self.first_child))
        keys = parents * alphabet.n_labels + self.labels[1:]
        nodes = np.zeros(len(lengths), np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        for depth in range(lengths.max(initial=0)):
            going = np.flatnonzero((lengths > depth) & (nodes >= 0))
            wanted = nodes[going] * alphabet.n_labels + flat[starts[going] + depth]
            place = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
            known = keys[place] == wanted if len(keys) else np.zeros(len(going), bool)
            nodes[going] = np.where(known, place + 1, -1)
        found = (nodes >= 0) & (self.is_word[nodes] > 0)
        return np.where(found, self.first_word[nodes], -1).astype(np.int64)

    def words(self, alphabet: Alphabet) -> Iterator[str]:
        """The words in the order of their numbers, in the alphabet's `characters`."""
        stack = [(0, "")]
        while stack:
            node, text = stack.pop()
            if self.is_word[node]:
                yield text
            for child in range(self.first_child[node + 1] - 1, self.first_child[node] - 1, -1):
                stack.append((child, text + alphabet.characters[self.labels[child] - 1]))

    def completion(self, node: int) -> list[int]:
        """The labels from a node to the only word below it; none if it is a word itself, or several lie below."""
        labels = []
        if self.n_words[node] == 1:
            while not self.is_word[node]:
                node = int(self.first_child[node])
                labels.append(int(self.labels[node]))
        return labels


def _encoded(words: list[str], alphabet: Alphabet) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The labels of all words, one after the other, 0 for characters outside the alphabet; and each word's length."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    points = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    known = np.array([ord(character) for character in alphabet.characters])
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], points), len(known) - 1)
    return np.where(known[order][place] == points, order[place] + 1, 0), lengths


def _numbered(is_word: Ints, parent: Ints, first_child: Ints, level_sizes: list[int]) -> tuple[Ints, Ints]:
    """How many words lie at and below each node, and the number of the first; from the leaves up, then down again."""
    ends = np.cumsum(level_sizes)
    levels = [slice(end - size, end) for end, size in zip(ends, level_sizes, strict=True)][1:]
    n_words = is_word.copy()
    for level in reversed(levels):
        above = parent[level.start - 1 : level.stop - 1]
        n_words += np.bincount(above, weights=n_words[level], minlength=len(n_words)).astype(np.int64)
    first_word = np.zeros(len(is_word), np.int64)
    for level in levels:
        above = parent[level.start - 1 : level.stop - 1]
        before = np.cumsum(n_words[level]) - n_words[level]
        siblings_before = before - before[first_child[above] - level.start]
        first_word[level] = first_word[above] + is_word[above] + siblings_before
    return first_word, n_words
