"""A character n-gram model in flat arrays that a compiled decoder can walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import Alphabet
from htrkit.errors import ModelError
from htrkit.language_models.ngrams import BEGIN, END, SPECIAL, UNKNOWN, NgramModel, RowIndex, index_of, row_keys

LARGEST_BACKOFF = 300.0
"""Of natural logarithms: those of an ARPA file end at 99 decades."""
SPACE = "<space>"
"""How a space is written where tokens are separated by spaces (ARPA files, ``lmplz``)."""

Ints = NDArray[Any]
Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class CharacterModel:
    """P(character | the characters before it), as a trie of n-grams laid out breadth first.

    A *symbol* is what the model reads: 0 for a character it does not know, 1 and 2 for the begin and the end of a line,
    ``i + 3`` for ``characters[i]``. A *node* is an n-gram, node 0 the empty one; a *state* is the node of the longest
    context that still matters.

    To use it, begin in ``start_state``; for each character take its symbol from ``symbols_of(alphabet)[label]`` and
    call `advance`, which gives ln P and the next state; where the line ends, `advance` with symbol 2 gives ln P(end).

    Attributes
    ----------
    characters
        The characters known, in symbol order.
    order
        Characters of the longest n-gram.
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

    characters: str
    order: int
    first_child: Ints
    symbols: Ints
    log_probs: Floats
    backoffs: Floats
    next_states: Ints
    backoff_states: Ints
    start_state: int

    def symbols_of(self, alphabet: str | Alphabet) -> Ints:
        """(labels,) int32: the symbol of each label of a network; 0 for the blank and for unknown characters."""
        known = {character: symbol for symbol, character in enumerate(self.characters, start=len(SPECIAL))}
        return np.array([UNKNOWN, *(known.get(c, UNKNOWN) for c in Alphabet.of(alphabet).characters)], dtype=np.int32)

    @property
    def arrays(self) -> tuple[Ints, Ints, Floats, Floats, Ints, Ints]:
        """The arrays in the order in which `advance` takes them."""
        figures = self.log_probs, self.backoffs
        return self.first_child, self.symbols, *figures, self.next_states, self.backoff_states

    def log_prob(self, text: str, *, end: bool = True) -> float:
        """ln P(text) from the beginning of a line; with ``end``, that the line ends there too."""
        known = {character: symbol for symbol, character in enumerate(self.characters, start=len(SPECIAL))}
        total, state = 0.0, self.start_state
        for symbol in [known.get(character, UNKNOWN) for character in text] + [END] * end:
            log_prob, state = advance(state, symbol, *self.arrays)
            total += log_prob
        return total


def advance(
    state: int,
    symbol: int,
    first_child: Ints,
    symbols: Ints,
    log_probs: Floats,
    backoffs: Floats,
    next_states: Ints,
    backoff_states: Ints,
) -> tuple[float, int]:
    """ln P(symbol | state) and the state after it. Plain Python that ``numba.njit`` compiles as it stands.

    Parameters
    ----------
    state, symbol
        Where the model is, and what it reads: 0 to ``len(characters) + 2`` (see `CharacterModel`).
    first_child, symbols, log_probs, backoffs, next_states, backoff_states
        ``CharacterModel.arrays``.
    """
    total = 0.0
    while True:
        low = first_child[state]
        end = first_child[state + 1]
        high = end
        while low < high:
            middle = (low + high) // 2
            if symbols[middle] < symbol:
                low = middle + 1
            else:
                high = middle
        if low < end and symbols[low] == symbol:
            return total + float(log_probs[low]), int(next_states[low])
        if state == 0:  # node 0 has every symbol of the model: only a number that is none comes here
            return -np.inf, 0
        total += float(backoffs[state])  # in double precision, compiled or not
        state = int(backoff_states[state])


def from_ngrams(model: NgramModel) -> CharacterModel:
    """The character model of an n-gram model whose tokens are single characters, and `SPACE` for the space.

    Raises
    ------
    ModelError
        If a token is not a single character, or the n-grams do not hang together.
    """
    characters = [" " if token == SPACE else token for token in model.vocabulary[len(SPECIAL) :]]
    long = next((token for token in characters if len(token) != 1), None)
    if long is not None:
        raise ModelError(
            f"no character model: it has the token {long!r}; build one with 'htrkit lm build --characters'"
        )
    index = RowIndex(len(model.vocabulary))
    prefixes = [index.add(rows) for rows in model.rows[1:]]
    if any(np.any(found < 0) for found in prefixes):
        raise ModelError("no character model: an n-gram is there without its first part")
    counts = [np.bincount(found, minlength=len(rows)) for found, rows in zip(prefixes, model.rows, strict=False)]
    return linked(
        "".join(characters),
        np.concatenate([[len(model.vocabulary)], *counts, np.zeros(len(model.rows[-1]), np.int64)]),
        np.concatenate([[-1], *(rows[:, -1] for rows in model.rows)]),
        np.concatenate([[0.0], *model.log_probs]),
        np.concatenate([[0.0], *model.backoffs]),
    )


def linked(characters: str, child_counts: Ints, symbols: Ints, log_probs: Floats, backoffs: Floats) -> CharacterModel:
    """A character model from what cannot be computed: the trie's shape and figures; finds every state's neighbours.

    Parameters
    ----------
    characters
        As `CharacterModel` has them.
    child_counts, symbols, log_probs, backoffs
        (nodes,), breadth first, each node's children by ascending symbol.

    Raises
    ------
    ModelError
        If they are no trie, or a suffix of an n-gram is missing.
    """
    if np.any(np.abs(backoffs) > LARGEST_BACKOFF):
        raise ModelError("it has back-offs that no text leads to")
    n_nodes, n_symbols = len(symbols), len(characters) + len(SPECIAL)
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
    return CharacterModel(
        characters,
        order - 1,
        first_child.astype(np.int32),
        symbols.astype(np.int32),
        log_probs.astype(np.float32),
        backoffs.astype(np.float32),
        next_states.astype(np.int32),
        backoff_states.astype(np.int32),
        int(next_states[1 + BEGIN]),
    )
