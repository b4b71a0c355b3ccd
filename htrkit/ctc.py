"""CTC itself: collapse, exact log-likelihood and forced alignment, for every decoder and for comparisons.

Source: A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from htrkit.alphabet import BLANK
from htrkit.errors import ShapeError

Floats = NDArray[np.floating[Any]]
Spans = tuple[tuple[int, int], ...]

TRUSTED = 1e-260
"""Sums of probabilities above this have lost nothing to underflow: what is lost is below 1e-323 each time."""
FLOOR = -1e30
"""Stands for ``-inf`` in alignments, so that of the impossible ones, too, one is the best."""
ROUNDING = 1e-3
"""How far above 0 a log-probability may lie through rounding; raw scores and probabilities lie further up."""


def check(log_probs: ArrayLike, n_labels: int | None = None) -> Floats:
    """``log_probs`` as a contiguous float32 or float64 array of the right shape, or a clear refusal.

    Parameters
    ----------
    log_probs
        (frames, labels) natural logarithms of probabilities, blank first; ``-inf`` is allowed.
    n_labels
        The columns wanted: one more than the alphabet has characters. None takes any.

    Raises
    ------
    ShapeError
        If the array is not two-dimensional, has other columns, is not of floats, or holds NaN or positive values.
    """
    array = np.asarray(log_probs)
    if array.ndim != 2:
        raise ShapeError(f"log_probs has shape {array.shape}, but (frames, labels) is wanted: give one line at a time")
    if array.dtype.kind != "f":
        raise ShapeError(f"log_probs is of type {array.dtype}, but float32 natural logarithms are wanted")
    if array.shape[1] < 1 or (n_labels is not None and array.shape[1] != n_labels):
        wanted = "at least 1" if n_labels is None else f"{n_labels}, one per character and one for the blank"
        raise ShapeError(f"log_probs has {array.shape[1]} columns, but {wanted} are wanted")
    highest = array.max(initial=-np.inf)
    if not highest <= ROUNDING:  # NaN too
        raise ShapeError(
            f"log_probs holds {highest}, which is no natural logarithm of a probability: "
            "raw scores need a log-softmax, probabilities a logarithm"
        )
    return np.ascontiguousarray(array, dtype=np.float64 if array.dtype == np.float64 else np.float32)


def probabilities(log_probs: Floats, edges: ArrayLike | None = None) -> NDArray[np.float64]:
    """``exp(log_probs)`` in double precision: the same array for every algorithm, compiled or not.

    Raises ShapeError if the rows of a line are far from summing to one, as those of raw scores are.

    Parameters
    ----------
    log_probs
        (frames, labels) natural logarithms, blank first, of one line or of several, one after the other.
    edges
        (lines + 1,) where each line begins, and the end; None for one line.
    """
    raised = np.exp(log_probs, dtype=np.float64)
    begins = np.array([0, len(raised)] if edges is None else edges)
    frames = np.diff(begins)
    means = np.diff(np.append(0.0, raised @ np.ones(raised.shape[1])).cumsum()[begins]) / np.maximum(frames, 1)
    wrong = (frames > 0) & ~((means >= 0.5) & (means <= 1 + 10 * ROUNDING))
    if wrong.any():
        raise ShapeError(
            f"the rows of log_probs sum to a probability of {means[wrong][0]:.3g}, where each should sum to 1: "
            "raw scores need a log-softmax"
        )
    return raised


def collapse(path: ArrayLike) -> NDArray[np.int32]:
    """The labels that a path of one label per frame stands for: repeats merged, then blanks dropped.

    Parameters
    ----------
    path
        (frames,) labels.

    Returns
    -------
    NDArray[np.int32]
        (characters,) labels without blank.
    """
    return spelled(path)[0]


def spelled(path: ArrayLike) -> tuple[NDArray[np.int32], Spans]:
    """`collapse`, and the half-open frame range of each label on the path."""
    labels = np.asarray(path, dtype=np.int32)
    starts = np.flatnonzero(np.append(True, labels[1:] != labels[:-1])[: len(labels)])
    stops = np.append(starts, len(labels))[1:]
    letters = labels[starts] != BLANK
    return labels[starts[letters]], tuple(zip(starts[letters].tolist(), stops[letters].tolist(), strict=True))


def frames_needed(labels: ArrayLike) -> int:
    """The fewest frames that can spell ``labels``: one each, and one for the blank inside every repeated letter."""
    array = np.asarray(labels)
    return len(array) + int(np.count_nonzero(array[1:] == array[:-1]))


def log_prob(log_probs: Floats, labels: ArrayLike) -> float:
    """ln P(labels | line), summed over all alignments; ``-inf`` where there is none.

    Parameters
    ----------
    log_probs
        (frames, labels) natural logarithms, blank first.
    labels
        (characters,) labels without blank.
    """
    return log_prob_batch(log_probs, [labels])[0]


def log_prob_batch(log_probs: Floats, texts: Sequence[ArrayLike]) -> list[float]:
    """`log_prob` of several texts on one line, in one sweep over its frames.

    Sums probabilities, which is quick and exact as long as nothing underflows; texts so unlikely that something might
    have are summed again in log space.

    Raises
    ------
    ShapeError
        If a label is the blank or beyond the columns of ``log_probs``.
    """
    encoded = [_valid(labels, log_probs.shape[1]) for labels in texts]
    results = [-math.inf] * len(encoded)
    possible = [index for index, labels in enumerate(encoded) if frames_needed(labels) <= len(log_probs)]
    summed = _forward(log_probs, [encoded[index] for index in possible], linear=True)
    unlikely = [index for index, total in zip(possible, summed, strict=True) if total <= TRUSTED]
    for index, total in zip(possible, summed, strict=True):
        results[index] = math.log(total) if total > TRUSTED else -math.inf
    for index, total in zip(unlikely, _forward(log_probs, [encoded[i] for i in unlikely], linear=False), strict=True):
        results[index] = total
    return results


def align(log_probs: Floats, labels: ArrayLike) -> Spans:
    """The frames of each character on the most probable alignment of ``labels``.

    Parameters
    ----------
    log_probs
        (frames, labels) natural logarithms, blank first.
    labels
        (characters,) labels without blank.

    Returns
    -------
    Spans
        Half-open ``(start, stop)`` frame ranges, one per character, in order, without overlap.

    Raises
    ------
    ShapeError
        If the line has fewer frames than the labels need, or a label does not exist.
    """
    text = _valid(labels, log_probs.shape[1])
    needed = frames_needed(text)
    if needed > len(log_probs):
        raise ShapeError(
            f"{len(text)} characters need at least {needed} frames (one more for each repeated letter), "
            f"but the line has {len(log_probs)}"
        )
    if not len(text):
        return ()
    states, may_skip = _states([text])
    moves = np.empty((len(log_probs), states.shape[1]), dtype=np.int8)
    # Viterbi: the best of staying, of coming from the state before, of skipping the blank between two letters.
    best = np.full(states.shape[1] + 2, -np.inf)
    best[1] = 0.0
    for frame, row in enumerate(np.maximum(log_probs, FLOOR, dtype=np.float64)):
        came = np.stack((best[2:], best[1:-1], np.where(may_skip[0], best[:-2], -np.inf)))
        moves[frame] = came.argmax(axis=0)
        best[2:] = came.max(axis=0) + row[states[0]]
        best[1] = -np.inf
    state = states.shape[1] - 1
    if best[-2] >= best[-1]:
        state -= 1
    spans = [[0, 0] for _ in text]
    for frame in range(len(moves) - 1, -1, -1):
        character, is_letter = divmod(state, 2)
        if is_letter:
            span = spans[character]
            span[0] = frame
            span[1] = span[1] or frame + 1
        state -= int(moves[frame, state])
    return tuple((start, stop) for start, stop in spans)


def confidence(log_prob: float, characters: int) -> float:
    """How sure the line is of a text: the geometric mean per character of P(text | line), 0 to 1.

    Longer texts are less probable as a whole whatever their quality; the mean per character makes a word comparable
    with a line. The empty text counts as one character.
    """
    return min(1.0, math.exp(log_prob / max(1, characters)))


def _valid(labels: ArrayLike, n_labels: int) -> NDArray[np.int64]:
    array = np.asarray(labels, dtype=np.int64).reshape(-1)
    if len(array) and not (array.min() > BLANK and array.max() < n_labels):
        raise ShapeError(f"labels must lie between 1 and {n_labels - 1}, but range {array.min()} to {array.max()}")
    return array


def _states(texts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The labels of blank, letter, blank, letter, ..., blank, padded, (texts, states); where a blank may be skipped."""
    width = 2 * max(map(len, texts)) + 1
    states = np.full((len(texts), width), BLANK)
    for row, labels in zip(states, texts, strict=True):
        row[1 : 2 * len(labels) : 2] = labels
    before = np.concatenate((np.full((len(texts), 2), BLANK), states[:, :-2]), axis=1)[:, :width]
    return states, (states != BLANK) & (states != before)


def _forward(log_probs: Floats, texts: Sequence[NDArray[np.int64]], *, linear: bool) -> list[float]:
    """The forward algorithm for several texts at once: sums of probabilities (``linear``) or their logarithms."""
    if not texts:
        return []
    add: Callable[..., Any] = np.add if linear else np.logaddexp
    times: Callable[..., Any] = np.multiply if linear else np.add
    nothing, one = (0.0, 1.0) if linear else (-np.inf, 0.0)
    emissions = probabilities(log_probs) if linear else log_probs.astype(np.float64)
    states, may_skip = _states(texts)
    ahead = np.full((len(texts), states.shape[1] + 2), nothing)
    ahead[:, 1] = one  # before the first frame, one step ahead of the first state
    for frame in range(len(log_probs)):
        came = add(ahead[:, 2:], ahead[:, 1:-1])
        came = add(came, np.where(may_skip, ahead[:, :-2], nothing))
        ahead[:, 2:] = times(came, emissions[frame].take(states))
        ahead[:, 1] = nothing
    totals = []
    for row, labels in zip(ahead, texts, strict=True):
        last = 2 + 2 * len(labels)
        # Without a letter the state before is the start, which is 1 before the first frame and nothing after it.
        totals.append(float(add(row[last], row[last - 1])))
    return totals
