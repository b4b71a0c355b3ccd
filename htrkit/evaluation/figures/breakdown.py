"""Errors by what they might depend on: the length of the text, and how sure the decoder was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit.evaluation.figures.metrics import Errors, LineErrors

LENGTHS = (1, 2, 4, 7, 11, 21, 41, 61)
"""Where a slice of text lengths begins, in characters."""
CONFIDENCES = 10


@dataclass(frozen=True, slots=True)
class Slice:
    """The lines whose value lies in a range, both ends included, or without an upper end; and their errors."""

    low: float
    high: float | None
    errors: Errors


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a confidence of 0.8 means that four of five lines, or words, are right.

    Attributes
    ----------
    bins
        Lines or words in tenths of confidence, empty ones left out: (mean confidence, share right, how many) each.
    expected_error
        Mean distance between confidence and share right over the bins, weighted by how many are in each (the expected
        calibration error of Naeini, Cooper and Hauskrecht, AAAI 2015).
    found
        Share of the wrong ones that are among the least confident tenth; 1 if there are none.
    """

    bins: tuple[tuple[float, float, int], ...]
    expected_error: float
    found: float


def by_length(errors: Sequence[LineErrors]) -> tuple[Slice, ...]:
    """Slices by the number of characters in the truth."""
    slices = []
    for low, following in zip(LENGTHS, (*LENGTHS[1:], None), strict=True):
        high = None if following is None else following - 1
        chosen = [one for one in errors if low <= one.characters and (high is None or one.characters <= high)]
        if chosen:
            slices.append(Slice(low, high, Errors.of(chosen)))
    return tuple(slices)


def by_confidence(errors: Sequence[LineErrors], confidences: Sequence[float]) -> tuple[Slice, ...]:
    """Ten slices of equally many lines, from the least to the most confident."""
    order = np.argsort(confidences, kind="stable")
    return tuple(
        Slice(confidences[part[0]], confidences[part[-1]], Errors.of(errors[i] for i in part))
        for part in np.array_split(order, CONFIDENCES)
        if len(part)
    )


def calibration(right: Sequence[bool], confidences: Sequence[float] | NDArray[np.float64]) -> Calibration:
    """The calibration curve of lines or words, of which at least one, that are right or wrong."""
    sure, exact = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    bins = np.minimum((sure * CONFIDENCES).astype(int), CONFIDENCES - 1)
    points = tuple(
        (float(sure[bins == b].mean()), float(exact[bins == b].mean()), int(np.sum(bins == b)))
        for b in np.unique(bins).tolist()
    )
    distance = sum(count * abs(confidence - share) for confidence, share, count in points)
    wrong = 1 - exact[np.argsort(sure, kind="stable")]
    found = float(wrong[: len(wrong) // CONFIDENCES].sum() / wrong.sum()) if wrong.any() else 1.0
    return Calibration(points, distance / len(exact), found)
