"""What can be said of lines at a glance, in plain Python that numba compiles: which of them need not be looked at."""

from __future__ import annotations

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


def summarise(data: Any, begins: Any, width: int, stretches: Any, highest: Any) -> None:
    """The highest byte of probability of each label in each stretch of `STRETCH` frames, into ``highest``.

    Parameters
    ----------
    data, begins, width
        As of `survey`.
    stretches
        (lines + 1,) where each line's stretches begin, and the end.
    highest
        (labels, stretches) the result.
    """
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
                if data[at - 1] > highest[label, stretch]:
                    highest[label, stretch] = data[at - 1]
            frame += 1


def bounds(highest: Any, stretches: Any, table: Any, far: Any, edit: float, edits: int, best: Any) -> None:
    """How probable a pattern's letters are at most on each line, into ``best`` (lines,), natural logarithms.

    Each letter stands at its best frame of the stretch of the letter before it, or of one not far after that.

    Parameters
    ----------
    highest
        (letters, stretches) bytes of probability.
    stretches
        As of `summarise`.
    table
        (letters, 256) logarithms of probabilities.
    far
        (letters,) 1 where anything may stand before a letter.
    edit, edits
        The logarithm for a letter that is another or missing, and how many may be.
    """
    n = len(highest)
    last = np.empty((APART + 1, edits + 1, n + 1))  # in this stretch, and in those before
    ever = np.empty((edits + 1, n + 1))
    for line in range(len(best)):
        best[line] = -np.inf
        last[:] = -np.inf
        ever[:] = -np.inf
        for stretch in range(stretches[line], stretches[line + 1]):
            for layer in range(edits + 1):
                for before in range(APART, 0, -1):
                    last[before, layer, :] = last[before - 1, layer, :]
                last[0, layer, 0] = layer * edit
                for letter in range(n):
                    came = last[0, layer, letter]
                    for before in range(1, APART + 1):
                        came = max(came, last[before, layer, letter])
                    if far[letter]:
                        came = max(came, ever[layer, letter])
                    came += table[letter, highest[letter, stretch]]
                    if layer:
                        came = max(came, last[0, layer - 1, letter] + edit)
                    last[0, layer, letter + 1] = came
                    ever[layer, letter] = max(ever[layer, letter], last[0, layer, letter])
                best[line] = max(best[line], last[0, layer, n])
