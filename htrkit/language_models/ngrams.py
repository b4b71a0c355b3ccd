"""An n-gram model as plain arrays: what the estimator makes, what ARPA files hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN, BEGIN, END = 0, 1, 2
"""Ids of ``<unk>``, ``<s>`` and ``</s>`` in every vocabulary."""

SPECIAL = ("<unk>", "<s>", "</s>")

Rows = NDArray[np.int32]
"""(n, k) token ids, one k-gram a row, in lexicographic order, each once."""


@dataclass(frozen=True, slots=True)
class NgramModel:
    """A back-off n-gram model (Katz form, as ARPA files hold it).

    ``ln P(w | context)`` is the log_prob of the longest known n-gram that ends in ``w``, plus the back-off weights of
    the longer contexts that were known but never seen before ``w``.

    Attributes
    ----------
    vocabulary
        Tokens by id; the first three are ``<unk>``, ``<s>``, ``</s>``.
    rows
        For each order k = 1 … N an (n_k, k) array of ids, in lexicographic order. Row i of the first is ``[i]``. Every
        prefix and every suffix of a row is a row of the order below.
    log_probs
        For each order (n_k,) natural logs.
    backoffs
        For each order (n_k,) natural logs; zero where the n-gram is no context. Those of the highest order are zero.
    """

    vocabulary: tuple[str, ...]
    rows: tuple[Rows, ...]
    log_probs: tuple[NDArray[np.float64], ...]
    backoffs: tuple[NDArray[np.float64], ...]

    @property
    def order(self) -> int:
        """Tokens of the longest n-gram."""
        return len(self.rows)


def row_keys(prefixes: NDArray[np.int64], last: NDArray[np.int32], vocabulary_size: int) -> NDArray[np.int64]:
    """One number for each row: its prefix' index in the order below, and its last token. Ascends as the rows do."""
    return prefixes * np.int64(vocabulary_size) + last


def index_of(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of ``wanted`` stands in the ascending ``keys``; -1 where it does not."""
    if not len(keys):
        return np.full(wanted.shape, -1, np.int64)
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[found] == wanted, found, -1)


class RowIndex:
    """Finds k-grams in lexicographically sorted rows of every order, added from the lowest order up; it begins with
    single tokens, ``[0] … [vocabulary_size - 1]``.
    """

    def __init__(self, vocabulary_size: int) -> None:
        self._size = vocabulary_size
        self._keys = [np.arange(vocabulary_size, dtype=np.int64)]

    def find(self, rows: Rows) -> NDArray[np.int64]:
        """Index of each row among the known rows of its order; -1 where it, or a prefix of it, is not known."""
        found = rows[:, 0].astype(np.int64)
        for column in range(1, rows.shape[1]):
            wanted = row_keys(found, rows[:, column], self._size)
            found = np.where(found < 0, -1, index_of(self._keys[column], wanted))
        return found

    def add(self, rows: Rows) -> NDArray[np.int64]:
        """Add the next order's sorted rows; returns the index of each row's prefix, -1 where it is not known."""
        prefixes = self.find(rows[:, :-1])
        self._keys.append(row_keys(prefixes, rows[:, -1], self._size))
        return prefixes
