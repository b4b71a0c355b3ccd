"""Interpolated modified Kneser-Ney smoothing, with KenLM's conventions, so that its figures are those of ``lmplz``.

S. F. Chen and J. Goodman, *An empirical study of smoothing techniques for language modeling*, TR-10-98, Harvard, 1998;
K. Heafield et al., *Scalable modified Kneser-Ney language model estimation*, ACL 2013.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError
from htrkit.language_models.counts import Counts, NgramCounts, count
from htrkit.language_models.ngrams import BEGIN, NgramModel, RowIndex, Rows

FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)
"""For counts of one, two, and more, where a text is too small to estimate them (``lmplz --discount_fallback``)."""

_SMALLEST = 1e-99  # ARPA readers take -99 for a probability of zero

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Level:
    """One order's n-grams that can be scored: those that do not begin with two ``<s>``.

    ``adjusted`` is what Kneser-Ney counts: for lower orders the different tokens on the left, unless ``<s>`` begins the
    n-gram, which has nothing on its left.
    """

    rows: Rows
    adjusted: Counts
    kept: NDArray[np.bool_]
    discounts: Floats


def estimate(lines: Iterable[Sequence[str]], order: int, *, prune: Sequence[int] = ()) -> NgramModel:
    """A smoothed n-gram model of lines of tokens.

    The probability of ``<unk>`` is an equal share of what the unigrams' discounts free. ``<s>`` has probability one, so
    that scoring it changes nothing.

    Parameters
    ----------
    order
        Tokens of the longest n-gram, at least 1.
    prune
        For each order, from the first, the count up to which n-grams are left out; the last figure holds for the orders
        after it, the first must be 0. Nothing is left out by default. What they had goes to the back-off.

    Raises
    ------
    UsageError
        If the order is below 1, or ``prune`` is too long, falls, or does not begin with 0.
    InputError
        If there is no token at all, or one is ``<unk>``, ``<s>`` or ``</s>``.
    """
    if order < 1:
        raise UsageError(f"a language model's order is at least 1, not {order}")
    thresholds = _thresholds(prune, order)
    counts = count(lines, order)
    size = len(counts.vocabulary)
    levels = [_level(counts, k, thresholds[k]) for k in range(order)]

    # Orders ascend: each interpolates with the probabilities of the one below, found by its rows' suffixes.
    index = RowIndex(size)
    rows: list[Rows] = []
    probs: list[Floats] = []
    backoffs: list[Floats] = []
    for k, level in enumerate(levels):
        if k == 0:
            rows.append(np.arange(size, dtype=np.int32)[:, None])
            probs.append(_unigrams(level, size))
        else:
            kept = level.rows[level.kept]
            suffixes = index.find(kept[:, 1:])
            contexts = index.find(level.rows[:, :-1])
            own, gamma = _discounted(level, contexts, len(rows[-1]))
            probs.append(own[level.kept] + gamma[contexts[level.kept]] * probs[-1][suffixes])
            backoffs.append(np.log(np.maximum(gamma, _SMALLEST)))
            rows.append(kept)
            index.add(kept)
    backoffs.append(np.zeros(len(rows[-1])))
    logs = tuple(np.minimum(0.0, np.log(np.maximum(values, _SMALLEST))) for values in probs)
    return NgramModel(counts.vocabulary, tuple(rows), logs, tuple(backoffs))


def _thresholds(prune: Sequence[int], order: int) -> list[int]:
    """One for each order, the last one repeated."""
    thresholds = [*prune] or [0]
    if len(thresholds) > order or thresholds[0] != 0 or thresholds != sorted(thresholds):
        raise UsageError(
            f"prune={','.join(map(str, prune))} does not fit order {order}: "
            "give up to one count for each order, the first 0, none smaller than the one before"
        )
    return thresholds + thresholds[-1:] * (order - len(thresholds))


def _level(counts: NgramCounts, k: int, threshold: int) -> _Level:
    rows, raw = counts.rows[k], counts.counts[k]
    scored = np.ones(len(rows), bool) if k == 0 else (rows[:, 0] != BEGIN) | (rows[:, 1] != BEGIN)
    highest = k == len(counts.rows) - 1
    adjusted = raw if highest else np.where(rows[:, 0] == BEGIN, raw, counts.left_extensions[k])
    observed = adjusted.copy()
    if not highest:
        # lmplz reads n-grams sorted from their last token, and takes the plain count of those that end the file when
        # it counts how many have which count. On small texts the discounts show it.
        last = _last_by_suffix(counts.rows[-1])[-k - 1 :]
        observed[np.all(rows == last, axis=1)] = raw[np.all(rows == last, axis=1)]
    return _Level(rows[scored], adjusted[scored], raw[scored] > threshold, _discounts(observed[scored]))


def _last_by_suffix(rows: Rows) -> NDArray[np.int32]:
    for column in range(rows.shape[1] - 1, -1, -1):
        rows = rows[rows[:, column] == rows[:, column].max()]
    last: NDArray[np.int32] = rows[0]
    return last


def _discounts(observed: Counts) -> Floats:
    """What is taken from counts of 0, 1, 2, and 3 or more (Chen and Goodman, equation 26), shape (4,)."""
    fallback = np.array([0.0, *FALLBACK_DISCOUNTS])
    n = np.bincount(np.minimum(observed, 5), minlength=6).astype(np.float64)
    if np.any(n[1:4] == 0):
        return fallback
    y = n[1] / (n[1] + 2 * n[2])
    found = np.array([0.0, *(j - (j + 1) * y * n[j + 1] / n[j] for j in (1, 2, 3))])
    sensible = np.all((found >= 0) & (found <= np.arange(4)))
    return found if sensible else fallback


def _unigrams(level: _Level, size: int) -> Floats:
    """P of each token by id."""
    taken = level.discounts[np.minimum(level.adjusted, 3)]
    total = level.adjusted.sum()
    probs = np.full(size, taken.sum() / total / (size - 1))  # every token but <s> has a share of what the others lost
    probs[level.rows[:, 0]] += (level.adjusted - taken) / total
    probs[BEGIN] = 1.0
    return probs


def _discounted(level: _Level, contexts: NDArray[np.int64], n_contexts: int) -> tuple[Floats, Floats]:
    """Each n-gram's own share of its context's probability, and what each context leaves to the order below."""
    known = contexts >= 0  # an n-gram whose context is pruned is pruned itself, and its mass is nobody's
    taken = np.where(level.kept, level.discounts[np.minimum(level.adjusted, 3)], level.adjusted)
    totals = np.bincount(contexts[known], weights=level.adjusted[known], minlength=n_contexts)
    left = np.bincount(contexts[known], weights=taken[known], minlength=n_contexts)
    gamma = np.divide(left, totals, out=np.ones(n_contexts), where=totals > 0)
    own = np.zeros(len(contexts))
    own[known] = (level.adjusted - taken)[known] / totals[contexts[known]]
    return own, gamma
