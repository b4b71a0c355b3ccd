"""Where writing stands on a page: letters, columns, tables, notes in the margin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, slots=True)
class Block:
    """A block of writing; lengths in pixels.

    Attributes
    ----------
    kind
        ``text``, ``margin``, ``heading``, or ``cells`` of a table's column.
    size, pitch
        Of the writing: an em, and the distance of two base lines.
    """

    kind: str
    left: float
    top: float
    width: float
    height: float
    size: float
    pitch: float


def lay_out(height: int, width: int, rng: np.random.Generator) -> list[Block]:
    """The blocks of a page, in reading order."""
    pitch = float(np.exp(rng.uniform(np.log(26), np.log(70))))
    left, right = rng.uniform(0.03, 0.25) * width, rng.uniform(0.02, 0.12) * width
    top, bottom = rng.uniform(0.03, 0.2) * height, rng.uniform(0.02, 0.3) * height
    main = Block("text", left, top, width - left - right, height - top - bottom, pitch * rng.uniform(0.75, 1.3), pitch)
    kind = rng.choice(["letter", "columns", "table", "margin"], p=[0.4, 0.2, 0.2, 0.2])
    if kind == "columns":
        blocks = _columns(main, rng.uniform(0.02, 0.08) * width, int(rng.integers(2, 4)))
    elif kind == "table":
        blocks = _table(main, rng)
    elif kind == "margin" and left > 0.1 * width:
        blocks = [main, *_notes(main, 0.02 * width, rng)]
    else:
        blocks = [main]
    if rng.random() < 0.4:
        x = width * float(rng.choice([0.05, 0.45, 0.85]))
        blocks.insert(0, Block("heading", x, 0.01 * height, 0.13 * width, pitch, main.size * 0.8, pitch))
    return blocks


def _columns(main: Block, gap: float, n: int) -> list[Block]:
    width = (main.width - gap * (n - 1)) / n
    size, pitch = main.size * 0.8, main.pitch * 0.8
    return [Block("text", main.left + i * (width + gap), main.top, width, main.height, size, pitch) for i in range(n)]


def _table(main: Block, rng: np.random.Generator) -> list[Block]:
    edges = np.cumsum(rng.uniform(0.5, 2.0, int(rng.integers(3, 7))))
    edges = main.left + main.width * np.r_[0.0, edges / edges[-1]]
    size, pitch = min(main.size, 42.0), min(main.pitch, 40.0)
    return [Block("cells", x, main.top, end - x, main.height, size, pitch) for x, end in pairwise(edges.tolist())]


def _notes(main: Block, left: float, rng: np.random.Generator) -> list[Block]:
    size, pitch = 0.7 * main.size, 0.75 * main.pitch
    notes: list[Block] = []
    for y in np.sort(rng.uniform(main.top, main.top + main.height, int(rng.integers(1, 4)))).tolist():
        if not notes or y > notes[-1].top + notes[-1].height + pitch:
            height = min(rng.uniform(1, 5) * pitch, main.top + main.height - y)
            notes.append(Block("margin", left, y, main.left - 1.5 * left, height, size, pitch))
    return notes
