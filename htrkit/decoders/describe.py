"""Hypotheses from the labels that a decoder found: exact log_prob, spans and confidence, the same for every decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders.compiled import Kernels
from htrkit.errors import UsageError
from htrkit.types import Hypothesis


def describe(alphabet: Alphabet, log_probs: ctc.Floats, found: Sequence[tuple[ArrayLike, float]]) -> list[Hypothesis]:
    """Hypotheses of one line, in the order given.

    Parameters
    ----------
    alphabet
        Whose labels they are.
    log_probs
        (frames, labels), checked.
    found
        (characters,) labels and the decoder's score of each.

    Returns
    -------
    list[Hypothesis]
        A text that the line cannot spell has ``log_prob`` ``-inf``, ``confidence`` 0 and no spans.
    """
    exact = ctc.log_prob_batch(log_probs, [labels for labels, _ in found])
    hypotheses = []
    for (labels, score), log_prob in zip(found, exact, strict=True):
        text = alphabet.decode(labels)  # type: ignore[arg-type]  # an array of labels iterates over them
        spans = ctc.align(log_probs, labels) if log_prob > -math.inf else ()
        hypotheses.append(Hypothesis(text, score, log_prob, spans, ctc.confidence(log_prob, len(text))))
    return hypotheses


def describe_compiled(
    alphabet: Alphabet,
    log_probs: ctc.Floats,
    probabilities: NDArray[np.float64],
    found: Sequence[tuple[NDArray[np.int64], float]],
    kernels: Kernels,
) -> list[Hypothesis]:
    """`describe` with compiled kernels: the same to the bit.

    Parameters
    ----------
    probabilities
        `htrkit.ctc.probabilities` of ``log_probs``.
    """
    longest = max(len(labels) for labels, _ in found)
    buffer = np.empty(2 * longest + 3)
    moves = np.empty((len(log_probs), 2 * longest + 3), np.int8)
    hypotheses = []
    for labels, score in found:
        total = kernels.forward(probabilities, labels, buffer[: 2 * len(labels) + 3])
        log_prob = math.log(total) if total > ctc.TRUSTED else ctc.log_prob(log_probs, labels)
        spans: ctc.Spans = ()
        if log_prob > -math.inf and len(labels):
            ranges = np.empty((len(labels), 2), np.int64)
            kernels.viterbi(log_probs, ctc.FLOOR, labels, buffer[: 2 * len(labels) + 3], moves, ranges)
            spans = tuple(zip(*ranges.T.tolist(), strict=True))
        text = alphabet.decode(labels)
        hypotheses.append(Hypothesis(text, score, log_prob, spans, ctc.confidence(log_prob, len(text))))
    return hypotheses


def checked_n_best(n_best: int) -> int:
    """``n_best``, at least 1.

    Raises
    ------
    UsageError
        If it is less.
    """
    if n_best < 1:
        raise UsageError(f"n_best is {n_best}, but a line has at least one reading: give 1 or more")
    return n_best
