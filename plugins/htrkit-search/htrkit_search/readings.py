"""A line of which only what was read is known, as if a network had given it: a stretch of frames for each reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from htrkit import Alphabet, Outline
from htrkit.geometry import bounds, box
from htrkit_search.automata import is_letter
from htrkit_search.posteriors import LEAST, NARROW
from htrkit_search.rows import Columns
from htrkit_search.store import storable

STEPS = 255
"""From the least probability to 1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A word, or several, that may stand on a line.

    Attributes
    ----------
    text
        What it is.
    confidence
        How probable it is, 0 to 1.
    outline
        Where it stands; empty if nothing says.
    """

    text: str
    confidence: float
    outline: Outline


def row_of(
    number: int, name: str, id_: str, text: str, outline: Outline, readings: Sequence[Reading], alphabet: Alphabet
) -> Columns:
    """The row of a line.

    Parameters
    ----------
    readings
        The words of the best text in order, then what else may stand on the line.
    """
    signs = [label for label, text in enumerate(alphabet.labels, 1) if not any(map(is_letter, text))]
    gap = alphabet.characters.find(" ") + 1 or min(signs, default=0)
    parts: list[bytes] = []
    borders, corners, frames = [0], [], 0
    for reading in readings:
        data = _frames(reading, alphabet, gap)
        if not data or (parts and not gap):
            continue
        parts += data
        frames += 2 * len(data)
        borders.append(frames)
        corners += [x for corner in _corners(reading.outline) for x in corner]
    flat = [x for point in outline for x in point]
    return number, storable(name), storable(id_), text, flat, corners, borders, b"".join(parts)


def _corners(outline: Outline) -> Outline:
    """Four, as words have; those of the box around any other outline."""
    if not outline:
        return ((math.nan, math.nan),) * 4
    return outline if len(outline) == 4 else box(*bounds(outline))


def _frames(reading: Reading, alphabet: Alphabet, gap: int) -> list[bytes]:
    """A frame of the blank and one of the label, for each label and for what stands between words.

    The confidence is spread over the labels, so that it is the probability of all of them.
    """
    labels = [label for sign in alphabet.spelt(reading.text) if (label := alphabet.characters.find(sign) + 1)]
    if not labels:
        return []
    lost = min(1.0, math.log(max(reading.confidence, LEAST ** len(labels))) / math.log(LEAST) / len(labels))
    steps = np.diff(np.rint(STEPS * lost * np.arange(len(labels) + 1))).astype(int)
    width = 1 if alphabet.n_labels <= NARROW else 2
    pairs = [*zip(labels, steps.tolist(), strict=True), *([(gap, 0)] if gap else [])]
    return [bytes((1, 1)) + label.to_bytes(width, "little") + bytes((STEPS - step,)) for label, step in pairs]
