"""Points, outlines, and the maps that take points of a line to its page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

Outline = tuple[tuple[float, float], ...]
"""Corners of a polygon, or points of a base line: x, y in page pixels, the top left corner of the page at 0, 0.

The pixel in row r and column c reaches from c, r to c + 1, r + 1: its middle is at c + 1/2, r + 1/2.
"""

Affine = tuple[tuple[float, float, float], tuple[float, float, float]]
"""(a, b, c), (d, e, f): the point x, y goes to a x + b y + c, d x + e y + f."""

IDENTITY: Affine = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def composed(outer: Affine, inner: Affine) -> Affine:
    """The map that first does ``inner``, then ``outer``."""
    (a, b, c), (d, e, f) = outer
    (g, h, i), (j, k, m) = inner
    return (
        (a * g + b * j, a * h + b * k, a * i + b * m + c),
        (d * g + e * j, d * h + e * k, d * i + e * m + f),
    )


def mapped(affine: Affine, points: Iterable[tuple[float, float]]) -> Outline:
    """Where ``affine`` takes points."""
    (a, b, c), (d, e, f) = affine
    return tuple((a * x + b * y + c, d * x + e * y + f) for x, y in points)


def within(outline: Any, width: int, height: int) -> Outline:
    """What can be drawn of an outline from anywhere: what is no point is left out, others are moved onto the page."""
    points: list[tuple[float, float]] = []
    for point in outline if isinstance(outline, Iterable) else ():
        with suppress(TypeError, ValueError, OverflowError):
            x, y = map(float, point)
            if math.isfinite(x) and math.isfinite(y):
                points.append((min(max(0.0, x), float(width)), min(max(0.0, y), float(height))))
    return tuple(points)


def bounds(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of at least one point."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    """The corners of a box, clockwise from the upper left."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))
