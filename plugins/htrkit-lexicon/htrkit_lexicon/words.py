"""The words of a lexicon that a network can spell, as labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, UsageError
from htrkit.decoders.vocabulary import Source, resolved
from htrkit.lexicons import load

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Words:
    """Words, and their labels side by side.

    Attributes
    ----------
    texts
        The words.
    labels
        (words, longest) int32: each word's labels; 0 after its end.
    lengths
        (words,) int32.
    """

    texts: tuple[str, ...]
    labels: Ints
    lengths: Ints

    def labels_of(self, word: int) -> Ints:
        """The labels of one word, shape (length,)."""
        return self.labels[word, : self.lengths[word]]

    def in_order(self, order: NDArray[np.int64]) -> Words:
        """The same words in another order."""
        return Words(tuple(self.texts[word] for word in order), self.labels[order], self.lengths[order])


def spellable(lexicon: Source, alphabet: Alphabet, *, split: bool = False) -> Words:
    """The entries of a lexicon that have no character outside the alphabet, sorted by code point.

    Parameters
    ----------
    lexicon
        A shipped name, the path of a file with one entry a line, or the entries themselves.
    split
        Take entries apart at their spaces.

    Raises
    ------
    UsageError
        If there is no such lexicon, or the network can spell none of its entries.
    InputError
        If the file cannot be read or holds nothing.
    """
    entries = load(resolved(lexicon))
    if split:
        entries = sorted({word for entry in entries for word in entry.split()})
    lengths = np.fromiter(map(len, entries), np.int64, len(entries))
    points = np.frombuffer("".join(entries).encode("utf-32-le"), np.uint32)
    # Labels of all code points in one table: encoding entry by entry would take seconds for a large lexicon.
    table = np.zeros(int(points.max(initial=0)) + 1, np.int32)
    for label, character in enumerate(alphabet.characters, start=1):
        if ord(character) < len(table):
            table[ord(character)] = label
    flat = table[points]
    owner = np.repeat(np.arange(len(entries)), lengths)
    # An entry is known if it has no character without a label.
    known = np.bincount(owner, weights=flat == 0, minlength=len(entries)) == 0
    if not known.any():
        raise UsageError("the network can spell no word of the lexicon; choose a lexicon in its characters")
    labels = np.zeros((len(entries), int(lengths.max())), np.int32)
    labels[owner, np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)] = flat
    kept = np.flatnonzero(known)
    longest = int(lengths[kept].max())
    return Words(tuple(entries[word] for word in kept), labels[kept, :longest].copy(), lengths[kept].astype(np.int32))
