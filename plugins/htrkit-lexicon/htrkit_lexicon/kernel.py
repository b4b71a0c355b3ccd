"""Token passing over flat arrays, in plain Python that numba compiles as it stands.

A token is a score and a history, the words it has passed. Each node of the forest holds two: the best that read the
node's letter last, and the best that has read blanks since. So does each gap between words, for a space and for blanks.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

NOTHING = -1e300
MOST = 10_000
"""Nodes that have tokens after a frame, or hardly more: a network that is sure of nothing allows every word."""
START = -1
"""The history of a token that has passed no word yet."""


class Tokens(NamedTuple):
    """All tokens between two frames; where there are two, the first is on a letter or space, the second on a blank."""

    score: Any  # (2, nodes, 2): before and after the frame, in turns
    history: Any
    touched: Any  # (nodes,) the last frame that brought a node a token
    active: Any  # (2, nodes) the nodes that have tokens
    gap: Any  # (gaps, 2): after each word with bigrams, then after any other
    gap_history: Any
    entry: Any  # (roots,) what a word may begin with
    entry_history: Any


def _enter(start: float, limit: float, tokens: Any, pairs: Any) -> None:
    """What words may begin with: the tokens in the gaps, and the one that waits before the first word."""
    gap, gap_history, entry, entry_history = tokens.gap, tokens.gap_history, tokens.entry, tokens.entry_history
    n_known = len(pairs.unigrams)
    best, best_history = start + pairs.backoffs[n_known], START
    for number in range(n_known + 1):
        side = 0 if gap[number, 0] >= gap[number, 1] else 1
        token = gap[number, side] + (pairs.backoffs[number] if number < n_known else 0.0)
        if token > best:
            best, best_history = token, gap_history[number, side]
    entry[:n_known] = best + pairs.unigrams
    entry[n_known:] = best + pairs.unknown
    entry_history[:] = best_history
    for word in range(n_known + 1):
        token, history = start, START
        if word < n_known:
            side = 0 if gap[word, 0] >= gap[word, 1] else 1
            token, history = gap[word, side], gap_history[word, side]
        if token >= limit:
            for pair in range(pairs.offsets[word], pairs.offsets[word + 1]):
                second = pairs.seconds[pair]
                if token + pairs.log_probs[pair] > entry[second]:
                    entry[second] = token + pairs.log_probs[pair]
                    entry_history[second] = history


def _leave(row: Any, space: int, now: int, n_active: int, tokens: Any, lexicon: Any, records: Any, written: int) -> int:
    """Gaps: a blank after the space, the space held on, the space after a word. Returns how many records there are."""
    gap, gap_history, score, history = tokens.gap, tokens.gap_history, tokens.score[now], tokens.history[now]
    n_known = len(gap) - 1
    for number in range(len(gap)):
        if gap[number, 0] > gap[number, 1]:
            gap[number, 1] = gap[number, 0]
            gap_history[number, 1] = gap_history[number, 0]
        gap[number, 1] += row[0]
        gap[number, 0] += row[space]
    for place in range(n_active):
        node = tokens.active[now, place]
        word = lexicon.words[node]
        if word < 0:
            continue
        side = 0 if score[node, 0] >= score[node, 1] else 1
        number = min(word, n_known)
        if score[node, side] + row[space] > gap[number, 0]:
            if written == len(records):
                return -1
            gap[number, 0] = score[node, side] + row[space]
            gap_history[number, 0] = written
            records[written, 0] = word
            records[written, 1] = history[node, side]
            written += 1
    return written


def _put(node: int, side: int, token: float, history: int, frame: int, now: int, n_coming: int, tokens: Any) -> int:
    """Bring a token to a node, where the better one stays. Returns how many nodes have tokens after the frame."""
    score = tokens.score[1 - now]
    if tokens.touched[node] != frame:
        tokens.touched[node] = frame
        score[node] = NOTHING
        tokens.active[1 - now, n_coming] = node
        n_coming += 1
    if token > score[node, side]:
        score[node, side] = token
        tokens.history[1 - now, node, side] = history
    return n_coming


def _move(row: Any, frame: int, now: int, limit: float, n_active: int, tokens: Any, lexicon: Any) -> int:
    """Nodes: every token stays, goes on to the next letters, or begins a word. Returns how many nodes have tokens."""
    n_coming = 0
    score, history = tokens.score[now], tokens.history[now]
    for place in range(n_active):
        node = tokens.active[now, place]
        label = lexicon.labels[node]
        letter, blank = score[node, 0], score[node, 1]
        better = 0 if letter >= blank else 1
        n_coming = _put(node, 1, score[node, better] + row[0], history[node, better], frame, now, n_coming, tokens)
        n_coming = _put(node, 0, letter + row[label], history[node, 0], frame, now, n_coming, tokens)
        for child in range(lexicon.first_child[node], lexicon.stop_child[node]):
            # A letter that follows itself needs a blank between.
            side = 1 if lexicon.labels[child] == label else better
            token = score[node, side] + row[lexicon.labels[child]]
            if token >= limit:
                n_coming = _put(child, 0, token, history[node, side], frame, now, n_coming, tokens)
    for place in range(len(lexicon.roots)):
        root = lexicon.roots[place]
        token = tokens.entry[place] + row[lexicon.labels[root]]
        if token >= limit:
            n_coming = _put(root, 0, token, tokens.entry_history[place], frame, now, n_coming, tokens)
    return n_coming


def _reach(highest: float, patience: float, now: int, n_coming: int, tokens: Any, behind: Any) -> float:
    """By how much tokens may fall behind the best: by ``patience``, or less where too many would go on."""
    behind[:] = 0
    for place in range(n_coming):
        node = tokens.active[now, place]
        lag = highest - max(tokens.score[now, node, 0], tokens.score[now, node, 1])
        if lag < patience:
            behind[int(lag)] += 1
    total = 0
    for lag in range(len(behind)):
        total += behind[lag]
        if total > MOST:
            return max(1.0, float(lag))
    return patience


def pass_tokens(
    log_probs: Any,
    space: int,
    lexicon: Any,
    pairs: Any,
    patience: float,
    records: Any,
    finals: Any,
    histories: Any,
) -> int:
    """Move all tokens through all frames.

    Parameters
    ----------
    log_probs
        (frames, labels) float64, finite, blank first.
    space
        The label between words; 0 if there is none, and a line is a single word.
    lexicon, pairs
        A `htrkit_lexicon.forest.Forest` and `htrkit_lexicon.bigrams.Bigrams`.
    patience
        Tokens that are so much worse than the best, in nats, are dropped; fewer where there are more than `MOST`.
    records
        (capacity, 2) int32 buffer of histories: each a word and the history before it.
    finals, histories
        (words + 1,) buffers: the score of the best token that ends in each word, and its history before that word; last
        the token that has read blanks alone.

    Returns
    -------
    int
        How many records were written; -1 if they did not fit.
    """
    n_nodes, n_words, n_gaps = len(lexicon.labels), lexicon.n_words, len(pairs.unigrams) + 1
    tokens = Tokens(
        np.full((2, n_nodes, 2), NOTHING),
        np.full((2, n_nodes, 2), START, np.int32),
        np.full(n_nodes, -1, np.int32),
        np.empty((2, n_nodes), np.int32),
        np.full((n_gaps, 2), NOTHING),
        np.full((n_gaps, 2), START, np.int32),
        np.full(len(lexicon.roots), NOTHING),
        np.full(len(lexicon.roots), START, np.int32),
    )
    behind = np.zeros(int(patience) + 1, np.int64)
    start, limit = 0.0, NOTHING
    now, n_active, written = 0, 0, 0
    for frame in range(len(log_probs)):
        row = log_probs[frame]
        _enter(start, limit, tokens, pairs)
        if space > 0:
            written = _leave(row, space, now, n_active, tokens, lexicon, records, written)
            if written < 0:
                return -1
        n_coming = _move(row, frame, now, limit, n_active, tokens, lexicon)
        now = 1 - now
        start += row[0]
        highest = max(start, tokens.gap.max())
        for place in range(n_coming):
            node = tokens.active[now, place]
            highest = max(highest, tokens.score[now, node, 0], tokens.score[now, node, 1])
        limit = highest - _reach(highest, patience, now, n_coming, tokens, behind)
        n_active = 0
        for place in range(n_coming):
            node = tokens.active[now, place]
            if max(tokens.score[now, node, 0], tokens.score[now, node, 1]) >= limit:
                tokens.active[now, n_active] = node
                n_active += 1

    finals[:] = NOTHING
    histories[:] = START
    finals[n_words] = start
    for place in range(n_active):
        node = tokens.active[now, place]
        word = lexicon.words[node]
        if word >= 0:
            side = 0 if tokens.score[now, node, 0] >= tokens.score[now, node, 1] else 1
            finals[word] = tokens.score[now, node, side]
            histories[word] = tokens.history[now, node, side]
    return written


FUNCTIONS = (_enter, _leave, _put, _move, _reach)
"""What `pass_tokens` needs, each after those that it calls."""
