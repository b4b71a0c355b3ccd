"""What is known of a page's lines, as the network learns it: base lines, and heights above and below them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.pages.lines.maps import LONG_SIDE
from htrkit.types import Page, Pixels, Place

Points = NDArray[np.float32]
# Places along a line at which its polygon is measured, and the share of them that its height reaches beyond.
MEASURED, WITHIN = 40, 0.5
# Steeper lines are no lines of an upright page, but notes written along its edge: degrees.
STEEPEST = 45.0
LEAST_HEIGHT = 2.0
# Pixels of the longer side of a page that is kept: crops are up to 1.4 times as large as the network sees pages.
LARGEST = round(1.4 * LONG_SIDE)


@dataclass(frozen=True, slots=True)
class LineTruth:
    """One line: its base line (n, 2), in the direction of writing, and its heights, all in page pixels."""

    baseline: Points
    above: float
    below: float


@dataclass(frozen=True, slots=True)
class PageTruth:
    """A page to learn from.

    Attributes
    ----------
    lines
        Those that run across the page.
    steep
        The polygons of the others, of which nothing is learnt.
    regions
        The polygons of the blocks of writing.
    complete
        Whether nothing is written where no line is: on a page that was drawn, not on one that people marked.
    """

    pixels: Pixels
    lines: tuple[LineTruth, ...]
    steep: tuple[Points, ...]
    regions: tuple[Points, ...]
    complete: bool = False


def page_truth(page: Page, *, complete: bool = False) -> PageTruth | None:
    """What a page's regions and lines say, the page no larger than crops of it need; None if it has no line."""
    page = _shrunk(page)
    lines: list[LineTruth] = []
    steep: list[Points] = []
    for place, _ in page.lines:
        found = place and line_truth(place)
        if found and place:
            if abs(_angle(found.baseline)) > STEEPEST:
                steep.append(np.array(place.polygon, np.float32))
            else:
                lines.append(found)
    regions = [np.array(region.polygon, np.float32) for region in page.regions if len(region.polygon) >= 3]
    return PageTruth(page.pixels, tuple(lines), tuple(steep), tuple(regions), complete) if lines else None


def _shrunk(page: Page) -> Page:
    scale = LARGEST / max(page.pixels.shape)
    if scale >= 1.0:
        return page
    height, width = page.pixels.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(page.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return page.moved(small, ((size[0] / width, 0.0, 0.0), (0.0, size[1] / height, 0.0)))


def line_truth(place: Place) -> LineTruth | None:
    """A line's base line and heights, from its polygon where there is no base line; None if there is neither."""
    polygon = np.array(place.polygon, np.float32).reshape(-1, 2)
    baseline = np.array(place.baseline, np.float32).reshape(-1, 2)
    baseline = baseline[np.r_[True, np.abs(np.diff(baseline, axis=0)).sum(axis=1) > 0]] if len(baseline) else baseline
    if len(polygon) < 3:
        return None
    if len(baseline) < 2:
        found = _from_polygon(polygon)
        if found is None:
            return None
        baseline = found
    to_level = _turn(-_angle(baseline))
    level, edge = baseline @ to_level.T, (polygon @ to_level.T).astype(np.float32)
    columns = np.linspace(level[0, 0], level[-1, 0], MEASURED + 2)[1:-1]
    order = np.argsort(level[:, 0], kind="stable")
    rows = np.interp(columns, level[order, 0], level[order, 1])
    extents = [_extent(edge, column) for column in columns]
    above = [row - extent[0] for row, extent in zip(rows, extents, strict=True) if extent]
    below = [extent[1] - row for row, extent in zip(rows, extents, strict=True) if extent]
    if not above:
        return None
    heights = [max(LEAST_HEIGHT, float(np.quantile(values, WITHIN))) for values in (above, below)]
    return LineTruth(baseline, *heights)


def _from_polygon(polygon: Points) -> Points | None:
    """A base line a quarter of the height above the lower edge."""
    columns = np.linspace(polygon[:, 0].min(), polygon[:, 0].max(), 18)[1:-1]
    found = [(column, _extent(polygon, column)) for column in columns]
    points = [(column, extent[1] - 0.25 * (extent[1] - extent[0])) for column, extent in found if extent]
    return np.array(points, np.float32) if len(points) > 1 else None


def _extent(polygon: Points, column: float) -> tuple[float, float] | None:
    """The highest and the lowest row of a polygon in a column."""
    x, y = polygon.T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    crossed = (x <= column) != (next_x <= column)
    if not crossed.any():
        return None
    share = (column - x[crossed]) / (next_x[crossed] - x[crossed])
    rows = y[crossed] + share * (next_y[crossed] - y[crossed])
    return float(rows.min()), float(rows.max())


def _angle(baseline: Points) -> float:
    """Degrees, clockwise on the picture, of the way from its first to its last point."""
    x, y = baseline[-1] - baseline[0]
    return float(np.degrees(np.arctan2(y, x)))


def _turn(degrees: float) -> NDArray[np.float64]:
    return np.asarray(cv2.getRotationMatrix2D((0, 0), -degrees, 1.0)[:, :2])
