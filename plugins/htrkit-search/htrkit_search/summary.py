"""What can be said of lines at a glance, in plain Python that numba compiles: which of them need not be looked at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

STRETCH = 8
"""Frames whose highest probabilities are kept together."""
APART = 3
"""Stretches from a letter to the next at most."""


def survey(data: Any, begins: Any, width: int, n_labels: int, frames: Any) -> int:
    """How many frames each line has, into ``frames`` (lines,); the first line that is damaged, or -1.

    Parameters
    ----------
    data
        Bytes of one line after the other, as `htrkit_search.posteriors` has them.
    begins
        (lines + 1,) where each line begins, and the end.
    width
        Bytes of a label.
    """
    for line in range(len(begins) - 1):
        at, end = begins[line], begins[line + 1]
        while at < end:
            if at + 2 > end or data[at + 1] == 0:
                return line
            frames[line] += data[at] + 1
            stop = at + 2 + data[at + 1] * (width + 1)
            if stop > end:
                return line
            at += 2
            while at < stop:
                label = np.int64(data[at])
                if width == 2:
                    label += 256 * np.int64(data[at + 1])
                if label >= n_labels:
                    return line
                at += width + 1
    return -1


def summarise(data: Any, begins: Any, width: int, stretches: Any, highest: Any, peaks: Any) -> None:
    """The highest byte of probability of each label in each stretch of `STRETCH` frames, and on each line.

    Parameters
    ----------
    data, begins, width
        As of `survey`.
    stretches
        (lines + 1,) where each line's stretches begin, and the end.
    highest, peaks
        (stretches, columns) and (lines, columns) the result; of more labels than columns, some share one.
    """
    columns = peaks.shape[1]
    for line in range(len(begins) - 1):
        at, end, frame = begins[line], begins[line + 1], 0
        while at < end:
            frame += data[at]
            stretch = stretches[line] + frame // STRETCH
            stop = at + 2 + data[at + 1] * (width + 1)
            at += 2
            while at < stop:
                label = np.int64(data[at])
                if width == 2:
                    label += 256 * np.int64(data[at + 1])
                at += width + 1
                column = label % columns
                if data[at - 1] > highest[stretch, column]:
                    highest[stretch, column] = data[at - 1]
                    if data[at - 1] > peaks[line, column]:
                        peaks[line, column] = data[at - 1]
            frame += 1


def bounds(
    highest: Any,
    peaks: Any,
    stretches: Any,
    labels: Any,
    shared: Any,
    first: Any,
    table: Any,
    far: Any,
    edit: float,
    edits: int,
    least: float,
    best: Any,
) -> None:
    """How probable a pattern's letters are at most on each line, into ``best`` (lines,), natural logarithms.

    Each letter stands at its best frame of the stretch of the letter before it, or of one not far after that. Where
    this is less than ``least`` it is minus infinity, and most of such lines are known by their peaks alone.

    Parameters
    ----------
    highest, peaks, stretches
        As of `summarise`.
    labels, shared, first
        Columns of labels, and how many labels of the letter share each; those of letter ``n`` are ``first[n]`` to
        ``first[n + 1] - 1``.
    table
        (256,) probabilities.
    far
        (letters,) 1 where anything may stand before a letter.
    edit, edits
        The logarithm for a letter that is another or missing, and how many may be.
    """
    n = len(first) - 1
    last = np.empty((APART + 1, edits + 1, n + 1))  # in this stretch, and in those before, in turn
    ever = np.empty((edits + 1, n + 1))
    tops = np.empty(APART + 1, np.int64)  # the last letter that is reached in each of them
    for line in range(len(best)):
        best[line] = -np.inf
        if alone(peaks[line], labels, shared, first, table, edit, edits) < least:
            continue
        last[:] = -np.inf
        ever[:] = -np.inf
        tops[:] = 0
        now, far_top = 0, 0
        for stretch in range(stretches[line], stretches[line + 1]):
            for layer in range(edits + 1):
                for letter in range(1, tops[now] + 1):
                    last[now, layer, letter] = -np.inf
                last[now, layer, 0] = layer * edit
            tops[now] = 0
            top = far_top
            for before in range(APART + 1):
                top = max(top, tops[before])
            letter = 0
            while letter < n and letter <= top:
                found = logarithm(highest[stretch], labels, shared, first[letter], first[letter + 1], table)
                for layer in range(edits + 1):
                    came = ever[layer, letter]
                    for before in range(APART + 1):
                        came = max(came, last[before, layer, letter])
                    came += found
                    if layer:
                        came = max(came, last[now, layer - 1, letter] + edit)
                    if came < least:
                        continue
                    last[now, layer, letter + 1] = came
                    tops[now] = letter + 1
                    top = max(top, letter + 1)
                    if letter + 1 == n:
                        best[line] = max(best[line], came)
                    elif far[letter + 1]:
                        ever[layer, letter + 1] = max(ever[layer, letter + 1], came)
                        far_top = max(far_top, letter + 1)
                letter += 1
            now = (now + 1) % (APART + 1)


def alone(peaks: Any, labels: Any, shared: Any, first: Any, table: Any, edit: float, edits: int) -> float:
    """How probable letters are at most wherever they stand on a line; the worst ``edits`` of them are let off."""
    total, worst, second = 0.0, 0.0, 0.0
    for letter in range(len(first) - 1):
        found = logarithm(peaks, labels, shared, first[letter], first[letter + 1], table)
        total += found
        if found < worst:
            worst, second = found, worst
        elif found < second:
            second = found
    if edits > 0:
        total += max(0.0, edit - worst)
    if edits > 1:
        total += max(0.0, edit - second)
    return total


def logarithm(highest: Any, labels: Any, shared: Any, begin: int, end: int, table: Any) -> float:
    """The logarithm of what the labels from ``begin`` to ``end`` have in one frame together, at most: 1 or less."""
    total = 0.0
    for label in range(begin, end):
        total += shared[label] * table[highest[labels[label]]]
    return math.log(min(1.0, max(total, table[0])))
