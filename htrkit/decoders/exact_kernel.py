"""Exact likelihood and alignment of one text in plain Python that numba compiles: `htrkit.ctc` for many lines.

The same sums in the same order as `htrkit.ctc` does them in NumPy, so the results are the same to the bit. Arrays are
float64 and int64 where nothing else is said.
"""

from __future__ import annotations

import math
from typing import Any


def forward(probabilities: Any, begin: int, n_frames: int, labels: Any, first: int, n: int, ahead: Any) -> float:
    """P(text | line), summed over all alignments.

    Parameters
    ----------
    probabilities
        (frames, labels), blank first; the line has ``n_frames`` of them, from ``begin`` on.
    labels
        (characters,) without blank; the text has ``n`` of them, from ``first`` on.
    ahead
        (at least 2 * n + 3,) buffer: the states blank, letter, blank, ..., blank after two that are never re-entered.
    """
    for place in range(2 * n + 3):
        ahead[place] = 0.0
    ahead[1] = 1.0
    for frame in range(n_frames):
        row = probabilities[begin + frame]
        p_blank = row[0]
        # Letters beyond `high` cannot be reached yet; those before `low` can no longer reach the end.
        high = min(n, frame + 1)
        low = max(0, n - (n_frames - frame))
        for character in range(high - 1, low - 1, -1):
            place = 2 * character + 3
            ahead[place + 1] = (ahead[place + 1] + ahead[place]) * p_blank
            label = labels[first + character]
            came = ahead[place] + ahead[place - 1]
            if character == 0 or labels[first + character - 1] != label:
                came += ahead[place - 2]
            ahead[place] = came * row[label]
        ahead[2 * low + 2] = (ahead[2 * low + 2] + ahead[2 * low + 1]) * p_blank
        ahead[1] = 0.0
    total: float = ahead[2 * n + 2] + ahead[2 * n + 1]
    return total


def viterbi(
    log_probs: Any,
    begin: int,
    n_frames: int,
    floor: float,
    labels: Any,
    first: int,
    n: int,
    best: Any,
    moves: Any,
    spans: Any,
) -> None:
    """The frames of each character on the most probable alignment.

    Parameters
    ----------
    log_probs
        (frames, labels); the line has ``n_frames`` of them, from ``begin`` on, at least as many as the text needs.
    floor
        Stands for anything below it.
    labels
        (characters,) without blank; the text has ``n`` of them, at least one, from ``first`` on.
    best
        (at least 2 * n + 3,) buffer, as that of `forward`.
    moves
        (at least n_frames, at least 2 * n + 3) buffer: how many states back the best way to each one came from.
    spans
        (characters, 2) the result, half-open, in the rows from ``first`` on.
    """
    for place in range(2 * n + 3):
        best[place] = -math.inf
    best[1] = 0.0
    for frame in range(n_frames):
        row = log_probs[begin + frame]
        blank = max(row[0], floor)
        high = min(n, frame + 1)
        low = max(0, n - (n_frames - frame))
        for character in range(high - 1, low - 1, -1):
            place = 2 * character + 3
            stay, step = best[place + 1], best[place]
            later = step > stay
            best[place + 1] = (step if later else stay) + blank
            moves[frame, place + 1] = later
            label = labels[first + character]
            stay, step = step, best[place - 1]
            repeated = character > 0 and labels[first + character - 1] == label
            skip = -math.inf if repeated else best[place - 2]
            later = step > stay
            highest = step if later else stay
            skips = skip > highest
            best[place] = (skip if skips else highest) + max(row[label], floor)
            moves[frame, place] = 2 if skips else 1 if later else 0
        place = 2 * low + 2
        later = best[place - 1] > best[place]
        best[place] = (best[place - 1] if later else best[place]) + blank
        moves[frame, place] = later
        best[1] = -math.inf

    place = 2 * n + 2
    if best[place - 1] >= best[place]:
        place -= 1
    for character in range(first, first + n):
        spans[character, 0] = 0
        spans[character, 1] = 0
    for frame in range(n_frames - 1, -1, -1):
        if place % 2 == 1:
            character = first + (place - 3) // 2
            spans[character, 0] = frame
            if spans[character, 1] == 0:
                spans[character, 1] = frame + 1
        place -= moves[frame, place]


def weigh_texts(
    probabilities: Any,
    log_probs: Any,
    edges: Any,
    floor: float,
    lines: Any,
    labels: Any,
    offsets: Any,
    states: Any,
    moves: Any,
    totals: Any,
    spans: Any,
) -> None:
    """`forward` of several texts on several lines, and `viterbi` of those that have frames enough.

    Parameters
    ----------
    probabilities, log_probs
        (frames, labels), blank first, of one line after the other.
    edges
        (lines + 1,) where each line's frames begin, and the end.
    lines
        (texts,) the line of each text.
    labels, offsets
        Text ``i`` is ``labels[offsets[i]:offsets[i + 1]]``.
    states, moves
        Buffers for the longest text on the longest line.
    totals
        (texts,) the result of `forward`.
    spans
        (characters, 2) that of `viterbi`; (0, 2) if that is not wanted.
    """
    for text in range(len(totals)):
        begin, first = edges[lines[text]], offsets[text]
        n_frames, n = edges[lines[text] + 1] - begin, offsets[text + 1] - first
        totals[text] = forward(probabilities, begin, n_frames, labels, first, n, states)
        needed = n
        for character in range(first + 1, first + n):
            needed += labels[character] == labels[character - 1]
        if 0 < needed <= n_frames and len(spans) > 0:
            viterbi(log_probs, begin, n_frames, floor, labels, first, n, states, moves, spans)
