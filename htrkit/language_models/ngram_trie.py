"""An n-gram model as a trie in flat arrays that a compiled decoder can walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import ModelError
from htrkit.language_models.ngrams import BEGIN, NgramModel, RowIndex, index_of, row_keys

LARGEST_BACKOFF = 300.0
"""Of natural logarithms: those of an ARPA file end at 99 decades."""

Ints = NDArray[Any]
Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NgramTrie:
    """P(token | the tokens before it), as a trie of n-grams laid out breadth first.

    A *symbol* is a token's number: 0 for one that the model does not know, 1 and 2 for the begin and the end of a line.
    A *node* is an n-gram, node 0 the empty one; a *state* is the node of the longest context that still matters.

    `htrkit.decoders.language_kernel.ngram_step` walks it, from ``start_state`` on; a line's end is symbol 2.

    Attributes
    ----------
    order
        Tokens of the longest n-gram.
    first_child
        (nodes + 1,) int32: the children of node ``n`` are the nodes ``first_child[n]`` to ``first_child[n + 1] - 1``,
        symbols ascending.
    symbols
        (nodes,) int32: last symbol of each node's n-gram; -1 for node 0. Node 0 has a child for every symbol.
    log_probs
        (nodes,) float32: ln P(last symbol | the symbols before it).
    backoffs
        (nodes,) float32: added when a state has no child for the symbol, before its back-off state is asked.
    next_states
        (nodes,) int32: the state after the node's last symbol was read.
    backoff_states
        (nodes,) int32: the state to ask where this one has no child for the symbol; -1 for node 0.
    start_state
        State at the beginning of a line.
    """

    order: int
    first_child: Ints
    symbols: Ints
    log_probs: Floats
    backoffs: Floats
    next_states: Ints
    backoff_states: Ints
    start_state: int

    @classmethod
    def of(cls, model: NgramModel) -> NgramTrie:
        """The trie of a model. Raises ModelError if its n-grams do not hang together."""
        index = RowIndex(len(model.vocabulary))
        prefixes = [index.add(rows) for rows in model.rows[1:]]
        if any(np.any(found < 0) for found in prefixes):
            raise ModelError("an n-gram is there without its first part")
        counts = [np.bincount(found, minlength=len(rows)) for found, rows in zip(prefixes, model.rows, strict=False)]
        return cls.linked(
            len(model.vocabulary),
            np.concatenate([[len(model.vocabulary)], *counts, np.zeros(len(model.rows[-1]), np.int64)]),
            np.concatenate([[-1], *(rows[:, -1] for rows in model.rows)]),
            np.concatenate([[0.0], *model.log_probs]),
            np.concatenate([[0.0], *model.backoffs]),
        )

    @classmethod
    def linked(
        cls, n_symbols: int, child_counts: Ints, symbols: Ints, log_probs: Floats, backoffs: Floats
    ) -> NgramTrie:
        """A trie from what cannot be computed: its shape and figures; finds every state's neighbours.

        Raises ModelError if they are no trie, or a suffix of an n-gram is missing.

        Parameters
        ----------
        child_counts, symbols, log_probs, backoffs
            (nodes,), breadth first, each node's children by ascending symbol.
        """
        if np.any(np.abs(backoffs) > LARGEST_BACKOFF):
            raise ModelError("it has back-offs that no text leads to")
        n_nodes = len(symbols)
        first_child = np.concatenate([[1], 1 + np.cumsum(child_counts, dtype=np.int64)])
        if first_child[-1] != n_nodes or child_counts[0] != n_symbols:
            raise ModelError("its numbers of children do not add up to its n-grams")
        parents = np.repeat(np.arange(n_nodes, dtype=np.int64), child_counts)
        keys = row_keys(parents, symbols[1:], n_symbols)
        if np.any(np.diff(keys) <= 0) or np.any(symbols[1:] < 0) or np.any(symbols[1:] >= n_symbols):
            raise ModelError("its n-grams are not in order")

        is_state = (child_counts > 0) | (backoffs != 0)
        is_state[0] = True
        suffixes = np.full(n_nodes, -1, np.int64)
        next_states = np.zeros(n_nodes, np.int64)
        backoff_states = np.full(n_nodes, -1, np.int64)
        begin, end, order = 1, 1 + n_symbols, 1
        while begin < end:
            level = slice(begin, end)
            if order == 1:
                suffixes[level] = 0
            else:
                above = suffixes[parents[begin - 1 : end - 1]]
                suffixes[level] = 1 + index_of(keys, row_keys(above, symbols[level], n_symbols))
                if np.any(suffixes[level] == 0):
                    raise ModelError("an n-gram is there without its last part")
            backoff_states[level] = next_states[suffixes[level]]
            next_states[level] = np.where(is_state[level], np.arange(begin, end), backoff_states[level])
            begin, end, order = end, int(first_child[end]), order + 1
        if end != n_nodes:
            raise ModelError("its n-grams do not hang together")
        return cls(
            order - 1,
            first_child.astype(np.int32),
            symbols.astype(np.int32),
            log_probs.astype(np.float32),
            backoffs.astype(np.float32),
            next_states.astype(np.int32),
            backoff_states.astype(np.int32),
            int(next_states[1 + BEGIN]),
        )
