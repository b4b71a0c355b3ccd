"""Best path: the most probable label of each frame, repeats merged, blanks dropped.

Source: A. Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import BLANK, Alphabet
from htrkit.decoders.compiled import Kernels, kernels_for
from htrkit.decoders.describe import Block, Texts, checked_n_best, hypotheses_of, log_probs_of
from htrkit.types import Hypothesis, LogProbs

MAJORITY = math.log(0.51)
"""A label more probable than this is the most probable of its frame; just above a half, for rows that rounding made
sum to a little more than one."""

BLOCK = 16
"""Lines at a time; the compiled kernel takes always as many, so that one version of it will do."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The best paths of several lines, their characters one after the other.

    Attributes
    ----------
    labels
        (characters,) of all lines: repeats merged, blanks dropped.
    starts, stops
        (characters,) the half-open frame range of each, counted from the begin of its line.
    offsets
        (lines + 1,) line ``i`` has the characters ``offsets[i]`` to ``offsets[i + 1] - 1``.
    scores
        (lines,) ln P of each path.
    """

    labels: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    offsets: NDArray[np.int64]
    scores: NDArray[np.float64]


def best_paths(log_probs: Sequence[ctc.Floats], kernels: Kernels | None = None) -> Paths:
    """The best path of each line, compiled if ``kernels`` are given and all lines are float32.

    Parameters
    ----------
    log_probs
        (frames, labels) of each line, blank first; lines may differ in frames.
    """
    if kernels is None or not log_probs or any(line.dtype != np.float32 for line in log_probs):
        return _joined([_best_path(line) for line in log_probs])
    # A read-only array is of another type to the compiler.
    lines = [line if line.flags.writeable else line.copy() for line in log_probs]
    labels, starts, stops = (np.empty(sum(map(len, lines)), np.int64) for _ in range(3))
    offsets, scores = np.empty(len(lines) + 1, np.int64), np.empty(len(lines))
    n = 0
    for begin in range(0, len(lines), BLOCK):
        block = tuple(lines[begin : begin + BLOCK])
        block += block[:1] * (BLOCK - len(block))
        part = slice(begin, begin + BLOCK)
        n = kernels.best_paths(block, MAJORITY, n, labels, starts, stops, offsets[:-1][part], scores[part])
    offsets[-1] = n
    return Paths(labels[:n], starts[:n], stops[:n], offsets, scores)


def _best_path(log_probs: ctc.Floats) -> Paths:
    labels = log_probs.argmax(axis=1)
    highest = log_probs[np.arange(len(labels)), labels]
    changes = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    starts = np.concatenate([[0], changes])[: len(labels)]
    stops = np.concatenate([changes, [len(labels)]])[: len(starts)]
    letters = labels[starts] != BLANK
    score = np.cumsum(highest, dtype=np.float64)[-1:] if len(labels) else np.zeros(1)  # summed in order, as compiled
    characters = labels[starts][letters]
    return Paths(characters, starts[letters], stops[letters], np.array([0, len(characters)]), score)


def _joined(paths: Sequence[Paths]) -> Paths:
    parts = [(path.labels, path.starts, path.stops, path.scores) for path in paths]
    lengths = np.cumsum([0, *(len(path.labels) for path in paths)])
    empty = (np.zeros(0, np.int64),) * 3 + (np.zeros(0),)
    labels, starts, stops, scores = map(np.concatenate, zip(empty, *parts, strict=True))
    return Paths(labels, starts, stops, lengths, scores)


class BestPath:
    """Best path decoding: the quickest, and only ever one hypothesis.

    Parameters
    ----------
    alphabet
        The network's characters in label order.

    Notes
    -----
    ``score`` is ln P of the best path alone; ``log_prob`` sums every path of its text.
    """

    def __init__(self, alphabet: str | Alphabet) -> None:
        self.alphabet = Alphabet.of(alphabet)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """The best path's text of one line, the same whatever ``n_best``.

        Parameters
        ----------
        log_probs
            (frames, labels) natural logarithms, blank first.
        n_best
            At most this many hypotheses.

        Raises
        ------
        ShapeError
            If ``log_probs`` is not what `htrkit.ctc.check` takes.
        """
        return self.decode_batch([log_probs], n_best=n_best)[0]

    def decode_batch(
        self, log_probs: Sequence[LogProbs], *, n_best: int = 1, threads: int = 1
    ) -> list[list[Hypothesis]]:
        """`decode` of several lines at once; ``threads`` would gain nothing here."""
        checked_n_best(n_best)
        lines = [ctc.check(line, self.alphabet.n_labels) for line in log_probs]
        kernels = kernels_for(sum(map(len, lines)))
        blocks = (Block.of(lines[begin : begin + BLOCK]) for begin in range(0, len(lines), BLOCK))
        return [[hypothesis] for block in blocks for hypothesis in self._block(block, kernels)]

    def _block(self, block: Block, kernels: Kernels | None) -> list[Hypothesis]:
        paths = best_paths(block.lines, kernels)
        texts = Texts(paths.labels, paths.offsets, np.arange(len(block.lines)))
        # The best path is the most probable alignment of its own text.
        spans = list(zip(paths.starts.tolist(), paths.stops.tolist(), strict=True))
        return hypotheses_of(self.alphabet, texts, paths.scores.tolist(), log_probs_of(block, texts, kernels), spans)
