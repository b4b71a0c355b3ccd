"""Best path: the most probable label of each frame, repeats merged, blanks dropped.

Source: A. Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import BLANK, Alphabet
from htrkit.decoders.compiled import Kernels, kernels_for
from htrkit.decoders.describe import checked_n_best, hypothesis, log_prob_of
from htrkit.types import Hypothesis, LogProbs

MAJORITY = math.log(0.51)
"""A label more probable than this is the most probable of its frame; just above a half, for rows that rounding made
sum to a little more than one."""


@dataclass(frozen=True, slots=True)
class Path:
    """The best path of a line.

    Attributes
    ----------
    labels
        (characters,) repeats merged, blanks dropped.
    starts, stops
        (characters,) the half-open frame range of each.
    score
        ln P of the path.
    """

    labels: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    score: float


def best_path(log_probs: ctc.Floats) -> Path:
    """The best path of one line, by NumPy.

    Parameters
    ----------
    log_probs
        (frames, labels), blank first.
    """
    labels = log_probs.argmax(axis=1)
    highest = log_probs[np.arange(len(labels)), labels]
    changes = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    starts = np.concatenate([[0], changes])[: len(labels)]
    stops = np.concatenate([changes, [len(labels)]])[: len(starts)]
    letters = labels[starts] != BLANK
    score = float(np.cumsum(highest, dtype=np.float64)[-1]) if len(labels) else 0.0  # summed in order, as compiled
    return Path(labels[starts][letters], starts[letters], stops[letters], score)


def best_paths(log_probs: Sequence[ctc.Floats], kernels: Kernels | None = None) -> list[Path]:
    """The best path of each line, compiled in one go if ``kernels`` are given; lines may differ in frames."""
    if kernels is None or not log_probs:
        return [best_path(line) for line in log_probs]
    first = np.zeros(len(log_probs) + 1, np.int64)
    np.cumsum([len(line) for line in log_probs], out=first[1:])
    frames = np.concatenate(log_probs, dtype=np.float64)
    labels, starts, stops = np.empty((3, len(frames)), np.int64)
    offsets, scores = np.empty_like(first), np.empty(len(log_probs))
    kernels.best_paths(frames, first, MAJORITY, labels, starts, stops, offsets, scores)
    ends = offsets.tolist()
    parts = [slice(begin, end) for begin, end in pairwise(ends)]
    return [
        Path(labels[part], starts[part], stops[part], score) for part, score in zip(parts, scores.tolist(), strict=True)
    ]


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
        return [
            [self._described(line, path, kernels)] for line, path in zip(lines, best_paths(lines, kernels), strict=True)
        ]

    def _described(self, log_probs: ctc.Floats, path: Path, kernels: Kernels | None) -> Hypothesis:
        log_prob = log_prob_of(log_probs, ctc.probabilities(log_probs), path.labels, kernels)
        # The best path is the most probable alignment of its own text.
        spans = tuple(zip(path.starts.tolist(), path.stops.tolist(), strict=True))
        return hypothesis(self.alphabet, path.labels, path.score, log_prob, spans if log_prob > -math.inf else ())
