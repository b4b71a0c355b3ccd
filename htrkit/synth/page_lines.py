"""One line of a drawn page: words side by side, on a curve, in one hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.encoders.input import Ink
from htrkit.synth.fonts import EM, press

Points = NDArray[np.float64]
Write = Callable[[np.random.Generator], tuple[Ink, str]]
"""A hand: gives the ink of some words, (rows, columns) from 0 to 1, at `EM` pixels an em, and their text."""
# Ink of which a pixel counts as written on, and the share of it that the heights leave out above and below.
WRITTEN, BEYOND = 0.3, 0.02
# Pixels between two points of a base line, and the fewest rows of the page that must lie above it.
POINTS, LEAST_ABOVE = 60, 4.0


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line on the page: its base line (n, 2), the heights above and below it in pixels, and what it says."""

    baseline: Points
    above: float
    below: float
    text: str

    @property
    def polygon(self) -> Points:
        """The writing's outline."""
        return np.concatenate(
            [np.subtract(self.baseline, (0.0, self.above)), np.add(self.baseline, (0.0, self.below))[::-1]]
        )


@dataclass(frozen=True, slots=True)
class Course:
    """How a line runs: rows a column, the rise of its middle in pixels, columns a row that its letters lean."""

    slope: float
    bend: float
    slant: float

    def row(self, along: NDArray[Any], length: float) -> NDArray[np.float64]:
        """How far below its beginning the base line is, so far along."""
        share = np.asarray(along, np.float64) / length
        return self.slope * np.asarray(along, np.float64) + 4.0 * self.bend * share * (1.0 - share)


def write_words(
    page: Ink,
    write: Write,
    at: tuple[float, float],
    width: float,
    size: float,
    course: Course,
    rng: np.random.Generator,
) -> DrawnLine | None:
    """Press words onto a page from ``at`` on, until the width is full; None if there is no room for any.

    Parameters
    ----------
    size
        Of the writing: pixels of an em.
    """
    pieces = _words(write, width, size, rng)
    if not pieces:
        return None
    length = pieces[-1][0] + pieces[-1][1].shape[1]
    ends, above, below = [], 0.0, 0.0
    for start, ink, _ in pieces:
        rows, columns = np.nonzero(ink > WRITTEN)
        if len(rows):
            base = base_row(ink)
            _press_along(page, ink, base, start, at, length, course)
            above = max(above, base - float(np.quantile(rows, BEYOND)))
            below = max(below, float(np.quantile(rows, 1.0 - BEYOND)) - base)
            ends += [start + float(columns.min()), start + float(columns.max())]
    if not ends or ends[-1] - ends[0] < 0.4 * size:
        return None
    along = np.linspace(ends[0], ends[-1], max(2, round((ends[-1] - ends[0]) / POINTS)))
    baseline = np.stack([at[0] + along, at[1] + course.row(along, length)], axis=1)
    inside = ((baseline > (0.0, LEAST_ABOVE)) & (baseline < page.shape[::-1])).all(axis=1)
    if inside.sum() < 2:
        return None
    return DrawnLine(baseline[inside], max(3.0, above), max(3.0, below), " ".join(text for _, _, text in pieces))


def base_row(ink: Ink) -> float:
    """The row of a line's base line: below it, the ink ends most suddenly."""
    rows = cv2.GaussianBlur(ink.sum(axis=1, keepdims=True), (0, 0), max(0.8, len(ink) / 60))[:, 0]
    return float(np.argmax(rows[:-1] - rows[1:]))


def _words(write: Write, width: float, size: float, rng: np.random.Generator) -> list[tuple[float, Ink, str]]:
    """Where words begin, their ink and their texts; between some of them there is a wide gap."""
    pieces, at, scale = [], 0.0, size / EM
    while at < width:
        ink, text = write(rng)
        ink = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32)
        if ink.shape[1] > width - at:
            ink, text = _cut(ink, max(1, round(width - at)), text)
            if ink.shape[1] < size:
                break
        pieces.append((at, ink, text))
        at += ink.shape[1] + size * (rng.uniform(0.05, 0.4) if rng.random() < 0.93 else rng.uniform(2.0, 5.0))
    return pieces


def _cut(ink: Ink, room: int, text: str) -> tuple[Ink, str]:
    """As many whole words as there is room for, as far as their gaps show."""
    empty = np.flatnonzero(ink[:, :room].max(axis=0) < 0.1)
    runs = np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1) if len(empty) else []
    gaps = [run for run in runs if len(run) >= max(2, ink.shape[0] // 14)]
    end = int(gaps[-1][0]) + 1 if gaps else 1
    words = text.split(" ")
    return ink[:, :end], " ".join(words[: max(1, round(len(words) * end / ink.shape[1]))])


def _press_along(
    page: Ink, ink: Ink, base: float, start: float, at: tuple[float, float], length: float, course: Course
) -> None:
    """Put ink onto the page, its base line bent along the course; where both have ink, the darker stays."""
    height, width = ink.shape
    lean = min(0.0, course.slant * base, course.slant * (base - height))
    columns = np.arange(width + round(abs(course.slant) * height) + 2, dtype=np.float32)
    curve = course.row(start + columns + lean, length)
    top = float(curve.min())
    grid_x, grid_y = np.meshgrid(columns, np.arange(height + int(np.ceil(curve.max() - top)) + 1, dtype=np.float32))
    source_y = (grid_y - (curve - top)[None]).astype(np.float32)
    source_x = (grid_x + lean - course.slant * (base - source_y)).astype(np.float32)
    drawn = cv2.remap(ink, source_x, source_y, cv2.INTER_LINEAR, borderValue=0)
    press(page, np.asarray(drawn, np.float32), round(at[0] + start + lean), round(at[1] - base + top))
