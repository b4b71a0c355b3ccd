"""Sheets of handwriting-like lines whose places are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from htrkit.geometry import Outline
from htrkit.types import Page, Pixels, Place
from tests.drawing import WORDS, writing

PAPER = 225
GAP = 52
"""Pixels from line to line."""


@dataclass(frozen=True)
class Sheet:
    """A page, and the box of each line in reading order: left, top, right, bottom."""

    pixels: Pixels
    boxes: tuple[tuple[int, int, int, int], ...]

    @property
    def page(self) -> Page:
        return Page("sheet.png", Path("sheet.png"), 1, self.pixels)


def text(number: int, words: int = 5) -> str:
    return " ".join(WORDS[(number * 5 + 3 * i) % len(WORDS)] for i in range(words))


def sheet(columns: Sequence[tuple[int, int, Sequence[str]]], *, width: int = 900, height: int = 1200) -> Sheet:
    """Columns, each with the left and top of its first line and the texts of its lines."""
    pixels = np.full((height, width), PAPER, np.uint8)
    boxes = []
    for left, top, texts in columns:
        for row, words in enumerate(texts):
            line = writing(words, paper=PAPER, noise=2.0, seed=row)
            y = top + row * GAP
            place = pixels[y : y + line.shape[0], left : left + line.shape[1]]
            np.minimum(place, line[: place.shape[0], : place.shape[1]], out=place)
            boxes.append((left + 13, y + 13, left + line.shape[1] - 13, y + line.shape[0] - 13))
    return Sheet(pixels, tuple(boxes))


def letter(lines: int = 12) -> Sheet:
    return sheet([(80, 60, [text(i) for i in range(lines)])])


def outline(left: float, top: float, right: float, bottom: float) -> Outline:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def middle(place: Place) -> tuple[float, float]:
    x, y = np.array(place.polygon).T
    return float(x.min() + x.max()) / 2.0, float(y.min() + y.max()) / 2.0
