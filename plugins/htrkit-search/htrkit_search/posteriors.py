"""What a network gave for a line, as few bytes: the labels that may stand in each frame, and how probable they are.

A line is a row of frames: how many frames of nothing but the blank were left out before it, how many labels follow, and
each label (one byte, or two of alphabets with more labels) with its probability on a logarithmic scale (one byte).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from htrkit import LogProbs

SHARPNESS = 0.7
"""Exponent of the probabilities: networks are surer of themselves than they are right."""
LEAST = 1e-3
"""Labels less probable than this are left out, and counted as `FLOOR`."""
FLOOR = LEAST / 10
MOST = 255
"""Labels that a frame can hold, and frames that can be left out at once."""
NARROW = 256
"""Labels of an alphabet up to which one byte names each."""
PROBABILITIES: NDArray[np.float64] = np.exp(np.linspace(np.log(LEAST), 0.0, 256))
"""(256,): what the bytes of probabilities stand for."""


def packed(log_probs: LogProbs) -> bytes:
    """The bytes of a line.

    Parameters
    ----------
    log_probs
        (frames, labels), blank first.
    """
    frames, labels = log_probs.shape
    scaled = SHARPNESS * log_probs.astype(np.float64)
    scaled -= np.logaddexp.reduce(scaled, axis=1, keepdims=True, initial=-np.inf)
    steps = np.rint((1.0 - scaled / np.log(LEAST)) * 255.0)
    kept = steps >= 0
    kept[:, 1:] &= np.argsort(np.argsort(-scaled[:, 1:], axis=1), axis=1) < MOST - 1
    kept[:, 0] |= ~kept.any(axis=1)
    width = 1 if labels <= NARROW else 2
    parts: list[bytes] = []
    left_out = 0
    silent = ~kept[:, 1:].any(axis=1)
    for frame in range(frames):
        if silent[frame] and left_out < MOST:
            left_out += 1
            continue
        found = np.flatnonzero(kept[frame])
        entries = np.empty((len(found), width + 1), np.uint8)
        entries[:, :width] = found.astype("<u2").view(np.uint8).reshape(-1, 2)[:, :width]
        entries[:, width] = np.maximum(steps[frame, found], 0)
        parts.append(bytes((left_out, len(found))) + entries.tobytes())
        left_out = 0
    return b"".join(parts)
