"""Exact likelihood and alignment of one text in plain Python that numba compiles: `htrkit.ctc` for many lines.

The same sums in the same order as `htrkit.ctc` does them in NumPy, so the results are the same to the bit.
"""

from __future__ import annotations

import math
from typing import Any


def forward(probabilities: Any, labels: Any, ahead: Any) -> Any:
    """P(labels | line), summed over all alignments.

    Parameters
    ----------
    probabilities
        (frames, labels), blank first.
    labels
        (characters,) without blank.
    ahead
        (2 * characters + 3,) buffer: the states blank, letter, blank, ..., blank after two that are never re-entered.
    """
    n_frames = len(probabilities)
    n = len(labels)
    ahead[:] = 0.0
    ahead[1] = 1.0
    for frame in range(n_frames):
        row = probabilities[frame]
        p_blank = row[0]
        # Letters beyond `high` cannot be reached yet; those before `low` can no longer reach the end.
        high = min(n, frame + 1)
        low = max(0, n - (n_frames - frame))
        for character in range(high - 1, low - 1, -1):
            place = 2 * character + 3
            ahead[place + 1] = (ahead[place + 1] + ahead[place]) * p_blank
            label = labels[character]
            came = ahead[place] + ahead[place - 1]
            if character == 0 or labels[character - 1] != label:
                came += ahead[place - 2]
            ahead[place] = came * row[label]
        ahead[2 * low + 2] = (ahead[2 * low + 2] + ahead[2 * low + 1]) * p_blank
        ahead[1] = 0.0
    return ahead[2 * n + 2] + ahead[2 * n + 1]


def viterbi(log_probs: Any, labels: Any, best: Any, moves: Any, spans: Any) -> None:
    """The frames of each character on the most probable alignment.

    Parameters
    ----------
    log_probs
        (frames, labels), finite; at least as many frames as the labels need.
    labels
        (characters,) without blank.
    best
        (2 * characters + 3,) buffer.
    moves
        (frames, at least 2 * characters + 1) buffer.
    spans
        (characters, 2) the result, half-open.
    """
    n_frames = len(log_probs)
    n = len(labels)
    best[:] = -math.inf
    best[1] = 0.0
    for frame in range(n_frames):
        row = log_probs[frame]
        for state in range(min(2 * n, 2 * frame + 1), -1, -1):
            place = state + 2
            highest = best[place]
            move = 0
            if best[place - 1] > highest:
                highest = best[place - 1]
                move = 1
            label = 0
            if state % 2 == 1:
                label = labels[state // 2]
                if best[place - 2] > highest and (state == 1 or labels[state // 2 - 1] != label):
                    highest = best[place - 2]
                    move = 2
            best[place] = highest + row[label]
            moves[frame, state] = move
        best[1] = -math.inf

    state = 2 * n
    if best[2 * n + 1] >= best[2 * n + 2]:
        state -= 1
    spans[:] = 0
    for frame in range(n_frames - 1, -1, -1):
        if state % 2 == 1:
            spans[state // 2, 0] = frame
            if spans[state // 2, 1] == 0:
                spans[state // 2, 1] = frame + 1
        state -= moves[frame, state]


def spell(trail_parent: Any, trail_label: Any, trail: int, labels: Any) -> int:
    """The labels along a trail, from the end of ``labels`` backwards; returns where they begin."""
    place = len(labels)
    while trail > 0:
        place -= 1
        labels[place] = trail_label[trail]
        trail = trail_parent[trail]
    return place
