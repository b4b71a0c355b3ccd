"""Cuts a page's lines out of it: the only place that goes from a polygon to pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.errors import ShapeError
from htrkit.geometry import Outline
from htrkit.pages.images import MIN_SIDE
from htrkit.types import Failed, Line, Page, Pixels, Place

Other = TypeVar("Other")

Floats = NDArray[np.float64]

LEVEL = math.tan(math.radians(2.0))
"""A line is turned upright if its base line is steeper; preprocessing steps level the rest without loss."""
MOST_POINTS = 20_000
"""Of a polygon; what a page's edge takes, and OpenCV fills in a moment."""
_SHIFT = 4  # fractional bits of the corners that OpenCV fills
_MOST = 32_766  # pixels on a side of what OpenCV turns


def lines_of(pages: Iterable[Page | Other]) -> Iterator[Page | Line | Failed | Other]:
    """Each page, followed by its lines in reading order, those that cannot be cut out as `Failed`.

    Lines are called ``PAGE:1``, ``PAGE:2`` and so on; one without a place is the page, under its name. What is no page
    is passed on in its place.
    """
    for page in pages:
        yield page
        if isinstance(page, Page):
            yield from (_line(page, place, number) for number, (place, _) in enumerate(page.lines, start=1))


def _line(page: Page, place: Place | None, number: int) -> Line | Failed:
    if place is None:
        return Line(page.id, page.pixels)
    name = f"{page.id}:{number}"
    try:
        return cut(page, place, name)
    except ShapeError as error:
        return Failed(name, str(error), error)


def cut(page: Page, place: Place, name: str) -> Line:
    """The line at a place; what its box holds outside its polygon becomes paper, and a turned one is set upright.

    Parameters
    ----------
    place
        Its polygon may cross itself, and is clipped to the page. The direction of its base line says what is upright.
    name
        The line's id.

    Raises
    ------
    ShapeError
        If the polygon has fewer than three points, or far too many, or one that is no number, or covers next to nothing
        of the page; or
        if the line is turned and the page too large for that.
    """
    height, width = page.pixels.shape
    polygon, baseline = _points(place.polygon, "polygon"), _points(place.baseline, "base line")
    if not 3 <= len(polygon) <= MOST_POINTS:
        few = len(polygon) < 3
        raise ShapeError(f"its polygon has {'fewer than three' if few else f'more than {MOST_POINTS:,}'} points")
    axes = _axes(baseline, polygon)
    turned = np.clip(polygon, 0.0, (width, height)) @ axes.T
    low = np.floor(turned.min(axis=0))
    columns, rows = (np.ceil(turned.max(axis=0)) - low).astype(int).tolist()
    if min(rows, columns) < MIN_SIDE:
        raise ShapeError("its polygon covers next to nothing of the page")
    (ax, ay), (bx, by) = axes.tolist()
    left, top = (low @ axes).tolist()
    to_page = ((ax, bx, left), (ay, by, top))
    pixels = _box(page.pixels, np.array(to_page), rows, columns)
    inside = _filled(turned - low, rows, columns)
    pixels[~inside] = np.median(pixels[inside])
    return Line(name, pixels, replace(place, polygon=_outline(polygon), baseline=_outline(baseline)), to_page)


def _points(outline: Outline, what: str) -> Floats:
    """(points, 2)."""
    try:
        points = np.array(outline, np.float64).reshape(len(outline), 2)
    except (TypeError, ValueError, OverflowError) as error:
        raise ShapeError(f"its {what} is no list of points") from error
    if not np.isfinite(points).all():
        raise ShapeError(f"its {what} has a point that is no number")
    return points


def _outline(points: Floats) -> Outline:
    return tuple((x, y) for x, y in points.tolist())


def _axes(baseline: Floats, polygon: Floats) -> Floats:
    """(2, 2): the unit vectors along a line and down, from its base line; those of the page if it is about level."""
    x, y = (baseline[-1] - baseline[0]).tolist() if len(baseline) else (0.0, 0.0)
    if x < 0 and abs(y) < -x and not _stands_on(polygon, baseline, (x, y)):
        x, y = -x, -y  # drawn against the writing, or with that of a script from right to left
    if abs(y) <= LEVEL * abs(x):
        return np.eye(2) if x >= 0 else -np.eye(2)
    cos, sin = np.array([x, y]) / np.hypot(x, y)
    return np.array([[cos, sin], [-sin, cos]])


def _stands_on(polygon: Floats, baseline: Floats, along: tuple[float, float]) -> bool:
    """Whether what a line covers lies above its base line, rather than below, for who reads in that direction."""
    down = np.array([-along[1], along[0]])
    covered = polygon @ down
    return bool((covered.min() + covered.max()) / 2.0 < (baseline @ down).mean())


def _box(pixels: Pixels, to_page: Floats, rows: int, columns: int) -> Pixels:
    """A copy of a box of the page, which may be turned."""
    if (to_page[:, :2] == np.eye(2)).all():
        left, top = to_page[:, 2].astype(int)
        return np.array(pixels[top : top + rows, left : left + columns], order="C")
    if max(*pixels.shape, rows, columns) > _MOST:
        raise ShapeError(f"its page has more than {_MOST:,} pixels on a side, too many to turn a line")
    # OpenCV counts from the middle of the first pixel, outlines from its corner
    middles = to_page.copy()
    middles[:, 2] += to_page[:, :2].sum(axis=1) / 2 - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    box = cv2.warpAffine(pixels, middles, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(box, np.uint8)


def _filled(corners: Floats, rows: int, columns: int) -> NDArray[np.bool_]:
    """(rows, columns): what a polygon goes around, even where it crosses itself."""
    mask = np.zeros((rows, columns), np.uint8)
    fixed = np.round((corners - 0.5) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 1, shift=_SHIFT)
    loops, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(mask, loops, -1, 1, cv2.FILLED)
    return mask.astype(bool)
