"""Pen strokes that somebody wrote, drawn anew with another pen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.encoders.input import Ink
from htrkit.errors import InputError
from htrkit.files import arrays_in

ARRAYS = ("points", "pen_up", "offsets", "names", "texts")
MOST_BYTES = 8 << 30
# Pixels that the middle half of a line's points spans when it is drawn, before it is shrunk to its height.
BODY = 40
# cv2 takes coordinates in 1/16 pixel.
SHIFT = 4
LARGEST_SIDE = 16_000
# From here on 32 bits tell no pixel from the next; nor is what is not a number any nearer.
FAR = 1 << 24


@dataclass(frozen=True, slots=True)
class StrokeLine:
    """One line as it was written.

    Attributes
    ----------
    points
        (n, 2) x and y, y downwards, in the order of writing.
    pen_up
        (n,) whether the pen leaves the paper after a point.
    """

    name: str
    text: str
    points: NDArray[np.float32]
    pen_up: NDArray[np.bool_]


class StrokeFile:
    """Lines of strokes in an ``.npz`` file.

    It holds ``points`` (N, 2); ``pen_up`` (N,), 1 where the pen leaves the paper after that point; ``offsets``
    (lines + 1,), line i being ``points[offsets[i]:offsets[i + 1]]``; and ``names`` and ``texts`` (lines,).

    Parameters
    ----------
    without
        Beginnings of names: lines whose name begins with one of them are left out.

    Raises
    ------
    InputError
        If it is no such file.
    """

    def __init__(self, path: Path, without: Sequence[str] = ()) -> None:
        try:
            arrays = arrays_in(path, ARRAYS, most=MOST_BYTES)
            self._points, pen_up, offsets, self._names, self._texts = arrays.values()
            n_points, n_lines = len(self._points), len(self._names)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} is no file of strokes: it must be an .npz with {', '.join(ARRAYS)}") from error
        shapes = [array.shape for array in arrays.values()]
        fit = shapes == [(n_points, 2), (n_points,), (n_lines + 1,), (n_lines,), (n_lines,)]
        if not fit or offsets.dtype.kind not in "iu" or self._points.dtype.kind not in "iuf":
            raise InputError(f"{path}: the arrays of the strokes do not fit each other")
        self._pen_up, self._offsets = pen_up.astype(bool), offsets.astype(np.int64)
        if self._offsets[0] < 0 or self._offsets[-1] != n_points or (np.diff(self._offsets) < 0).any():
            raise InputError(f"{path}: the arrays of the strokes do not fit each other")
        if n_points and not -FAR < float(self._points.min()) <= float(self._points.max()) < FAR:
            raise InputError(f"{path}: a point of the strokes lies nowhere near the others")
        drawn = np.diff(self._offsets) > 0
        self._kept = [
            i
            for i, (name, text) in enumerate(zip(self._names, self._texts, strict=True))
            if drawn[i] and str(text).strip() and not str(name).startswith(tuple(without))
        ]
        if not self._kept:
            raise InputError(f"{path} has no line of strokes that could be drawn")

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> StrokeLine:
        i = self._kept[index]
        span = slice(int(self._offsets[i]), int(self._offsets[i + 1]))
        points = self._points[span].astype(np.float32)
        return StrokeLine(str(self._names[i]), tidied(str(self._texts[i])), points, self._pen_up[span])


def tidied(text: str) -> str:
    """A text without the spaces that transcriptions put before punctuation, where nobody writes them."""
    text = re.sub(r" +([.,;:!?)])", r"\1", text).replace("( ", "(")
    return " ".join(re.sub(r" ?' ?(s|re|ll|ve)\b", r"'\1", text).split())


def draw_strokes(line: StrokeLine, rng: np.random.Generator) -> Ink:
    """The ink of a line, (rows, columns) from 0 to 1: pen, pressure, slant and proportions are drawn anew."""
    level = _levelled(line.points)
    low, high = np.percentile(level[:, 1], [25, 75])
    scale = BODY / max(1.0, float(high - low))
    stretch, slant = rng.uniform(0.85, 1.2), rng.uniform(-0.35, 0.35)
    width = rng.uniform(0.06, 0.22) * BODY
    points = (level - level.min(axis=0)) * scale
    points = np.stack([points[:, 0] * stretch - slant * points[:, 1], points[:, 1]], axis=1)
    margin = width + BODY / 2
    points = points - points.min(axis=0) + margin
    columns, rows = np.ceil(points.max(axis=0) + margin).astype(int)
    if max(columns, rows) > LARGEST_SIDE:  # a stray point far away has made the line tiny or huge
        shrink = LARGEST_SIDE / max(columns, rows)
        points, columns, rows = points * shrink, int(columns * shrink), int(rows * shrink)
    thickness = _thickness(points, width, rng)
    ink = np.zeros((rows, columns), np.uint8)
    places = np.round(points * (1 << SHIFT)).astype(int)
    for i, (place, thick) in enumerate(zip(places, thickness, strict=True)):
        start = places[i - 1] if i and not line.pen_up[i - 1] else place
        cv2.line(ink, start.tolist(), place.tolist(), 255, int(thick), cv2.LINE_AA, SHIFT)
    return ink.astype(np.float32) / 255.0


def _levelled(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The points without the slope of the line: people who write on a board climb or fall."""
    reach = points.max(axis=0) - points.min(axis=0)
    if reach[0] <= 3.0 * reach[1]:  # a word or two has a slope of its own, which says nothing
        return points
    x, y = (points - points.mean(axis=0)).T
    slope = float((x * y).sum() / (x * x).sum())
    return np.asarray(np.stack([x, y - slope * x], axis=1), np.float32)


def _thickness(points: NDArray[np.float32], width: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """(n,) pixels: a fast pen draws thinner, a broad nib thinner in one direction."""
    steps = np.diff(points, axis=0, prepend=points[:1])
    speed = np.hypot(steps[:, 0], steps[:, 1])
    relative = cv2.blur(np.asarray(speed / max(1e-6, float(np.median(speed))), np.float32)[None], (5, 1))[0]
    by_speed = 1.0 - rng.uniform(0.0, 0.35) * np.clip(relative - 1.0, -1.0, 1.0)
    angle = np.arctan2(steps[:, 1], steps[:, 0])
    by_direction = 1.0 - rng.choice([0.0, 0.5]) * (0.5 + 0.5 * np.cos(2 * (angle - rng.uniform(0.5, 1.1))))
    return np.asarray(np.clip(np.round(width * by_speed * by_direction), 1, 24), np.int64)
