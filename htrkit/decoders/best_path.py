"""Best path: the most probable label of each frame, repeats merged, blanks dropped.

Source: A. Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import BLANK, Alphabet
from htrkit.decoders.describe import checked_n_best, describe
from htrkit.types import Hypothesis, LogProbs


@dataclass(frozen=True, slots=True)
class Paths:
    """The best paths of several lines, their characters one after the other.

    Attributes
    ----------
    labels
        (characters,) labels of all lines.
    offsets
        (lines + 1,) line ``i`` has the characters ``offsets[i]`` to ``offsets[i + 1] - 1``.
    scores
        (lines,) ln P of the best path of each line.
    """

    labels: NDArray[np.intp]
    offsets: NDArray[np.intp]
    scores: NDArray[np.float64]


def best_paths(log_probs: Sequence[ctc.Floats]) -> Paths:
    """The best path of each line, all lines in one go.

    Parameters
    ----------
    log_probs
        (frames, labels) of each line; lines may differ in frames.
    """
    ends = np.cumsum([len(line) for line in log_probs])
    frames = np.concatenate([*log_probs, np.empty((0, log_probs[0].shape[1] if log_probs else 1), np.float32)])
    labels = frames.argmax(axis=1)
    highest = frames[np.arange(len(frames)), labels]
    starts = np.empty(len(labels), dtype=bool)
    np.not_equal(labels[1:], labels[:-1], out=starts[1:])
    first = np.concatenate([[0], ends])[:-1]
    starts[first[first < len(labels)]] = True
    kept = np.flatnonzero(starts & (labels != BLANK))
    totals = np.concatenate([[0.0], np.cumsum(highest, dtype=np.float64)])
    offsets = np.searchsorted(kept, np.concatenate([[0], ends]))
    return Paths(labels[kept], offsets, totals[ends] - totals[first])


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
        paths = best_paths(lines)
        texts = np.split(paths.labels, paths.offsets[1:-1])
        return [
            describe(self.alphabet, line, [(text, float(score))])
            for line, text, score in zip(lines, texts, paths.scores, strict=True)
        ]
