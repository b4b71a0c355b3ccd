"""Hypotheses from the labels that a decoder found: exact log_prob, spans and confidence, the same for every decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders.compiled import Kernels, kernels_for
from htrkit.errors import UsageError
from htrkit.types import Hypothesis

Labels = ArrayLike


def describe(alphabet: Alphabet, log_probs: ctc.Floats, found: Sequence[tuple[Labels, float]]) -> list[Hypothesis]:
    """Hypotheses of one line, in the order given; after many lines with compiled kernels, which change nothing.

    Parameters
    ----------
    alphabet
        Whose labels they are.
    log_probs
        (frames, labels), checked.
    found
        (characters,) labels without blank, and the decoder's score, of each.

    Returns
    -------
    list[Hypothesis]
        A text that the line cannot spell has ``log_prob`` ``-inf``, ``confidence`` 0 and no spans.
    """
    kernels = kernels_for(len(log_probs))
    probabilities = None if kernels is None else ctc.probabilities(log_probs)
    return described(alphabet, log_probs, found, kernels, probabilities)


def described(
    alphabet: Alphabet,
    log_probs: ctc.Floats,
    found: Sequence[tuple[Labels, float]],
    kernels: Kernels | None,
    probabilities: NDArray[np.float64] | None,
) -> list[Hypothesis]:
    """`describe` for a decoder that has the kernels, or None, and `htrkit.ctc.probabilities` already."""
    if kernels is None or probabilities is None:
        exact = ctc.log_prob_batch(log_probs, [labels for labels, _ in found])
    else:
        exact = [log_prob_of(log_probs, probabilities, labels, kernels) for labels, _ in found]
    hypotheses = []
    for (labels, score), log_prob in zip(found, exact, strict=True):
        spans = spans_of(log_probs, labels, kernels) if log_prob > -math.inf else ()
        hypotheses.append(hypothesis(alphabet, labels, score, log_prob, spans))
    return hypotheses


def hypothesis(alphabet: Alphabet, labels: Labels, score: float, log_prob: float, spans: ctc.Spans) -> Hypothesis:
    """One hypothesis from its parts."""
    text = alphabet.decode(np.asarray(labels).tolist())
    return Hypothesis(text, score, log_prob, spans, ctc.confidence(log_prob, len(text)))


def log_prob_of(
    log_probs: ctc.Floats, probabilities: NDArray[np.float64], labels: Labels, kernels: Kernels | None
) -> float:
    """`htrkit.ctc.log_prob`, compiled if there are ``kernels``; ``probabilities`` are those of ``log_probs``."""
    if kernels is not None:
        labels = np.require(labels, np.int64, ["C", "W"])
        total = kernels.forward(probabilities, labels, np.empty(2 * len(labels) + 3))
        if total > ctc.TRUSTED:
            return math.log(total)
    return ctc.log_prob(log_probs, labels)


def spans_of(log_probs: ctc.Floats, labels: Labels, kernels: Kernels | None) -> ctc.Spans:
    """`htrkit.ctc.align`, compiled if there are ``kernels``; the line must have frames enough."""
    if kernels is None or not np.size(labels):
        return ctc.align(log_probs, labels)
    labels = np.require(labels, np.int64, ["C", "W"])
    states = 2 * len(labels) + 3
    spans = np.empty((len(labels), 2), np.int64)
    moves = np.empty((len(log_probs), states), np.int8)
    kernels.viterbi(log_probs.astype(np.float64), ctc.FLOOR, labels, np.empty(states), moves, spans)
    return tuple(zip(*spans.T.tolist(), strict=True))


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
