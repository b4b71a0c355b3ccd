"""Reading order: from the places of lines, in any order, to regions and lines as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from htrkit.geometry import bounds, box, within
from htrkit.pages.boxes import Boxes, level_boxes
from htrkit.types import Place, Region

TEXT, MARGIN, NUMBER = "text", "margin", "page-number"
"""Kinds of regions."""
GUTTER = 0.6
"""Spacings: columns are at least so far apart."""
PROSE_LINES, PROSE_WIDTH = 3, 7.0
"""A column of running text has so many lines, and half of them are so many spacings wide."""
SHORT, CELLS = 0.5, 3
"""A table has two columns of so many cells each that are narrower than such a share of its widest column."""
EDGE, CROSSED = 0.2, 0.04
"""Spacings that cells may reach across the edge of their column, and such a share of all lines that cross it."""
BLANK, ENTRIES, GRID = 1.5, 0.1, 0.6
"""Rows are told apart if such steps between the lines of the widest column, in usual ones, are such a share of them; or
if half of the columns have such a share of its cells."""
HEAD, HEAD_LINES = 1.2, 0.25
"""Below the head of a table is a blank row, of more than so many heights of lines; and the most of the lines it has."""
BESIDE_IT, ALONE, LONE = 0.6, 1.5, 0.25
"""Spacings above the text, and share of its width, of a page's number."""
SPANNING, BESIDE = 0.2, 0.3
"""At most such a share of the lines cross a gutter; and of the lines' height beside it, both sides share so much."""
ROW = 0.4
"""Spacings: lines beside each other whose middles are no farther apart stand in one row."""


Block = tuple[str, list[int]]
"""A region's kind, and its lines in reading order."""


def in_reading_order(places: Sequence[Place], width: int, height: int) -> tuple[tuple[Region, ...], tuple[Place, ...]]:
    """The regions and lines of a page as people read them.

    Columns and facing pages are read one after the other, lines that cross them before or after what stands below or
    above; the rows of a table one after the other, or its columns, if no blank row separates its entries; notes in the
    margin after the text that they stand beside. The answer does not depend on the order of ``places``.

    Parameters
    ----------
    places
        Of the lines; each has a polygon. Regions that they have are forgotten.
    width, height
        Of the page, in pixels.

    Returns
    -------
    regions, places
        Both in reading order, each place with its ``order`` and region.
    """
    if not places:
        return (), ()
    # from left to right and down, so that nothing depends on the order in which they came
    places = sorted(places, key=lambda place: (place.polygon, place.baseline))
    boxes = level_boxes(places)
    regions: list[Region] = []
    ordered: list[Place] = []
    for kind, lines in _page(boxes):
        name = f"r{len(regions) + 1}"
        points = within([point for i in lines for point in places[i].polygon], width, height)
        regions.append(Region(name, kind, box(*bounds(points))))
        ordered += [replace(places[i], order=len(ordered) + n, region=name) for n, i in enumerate(lines)]
    return tuple(regions), tuple(ordered)


def _page(boxes: Boxes) -> Iterator[Block]:
    """All blocks, in reading order."""
    lines = np.arange(len(boxes))
    corner = _corner(boxes)
    if corner is not None:
        lines = np.delete(lines, corner)
    beside = lines[~boxes.level[lines]]
    if 0 < len(beside) < len(lines):
        lines = lines[boxes.level[lines]]
    stripes = _stripes(boxes.of(lines))
    if _is_table(boxes.of(lines), stripes):
        yield from _table(boxes, [lines[stripe] for stripe in stripes])
    else:
        yield from _blocks(boxes, lines)
    if 0 < len(beside) < len(boxes) - (corner is not None):
        yield MARGIN, beside[np.argsort(boxes.left[beside], kind="stable")].tolist()
    if corner is not None:
        yield NUMBER, [corner]


def _corner(boxes: Boxes) -> int | None:
    """The line that is a page's number: short, in the right corner above the text, nothing close beside it."""
    if len(boxes) <= PROSE_LINES:
        return None
    widths = boxes.right - boxes.left
    wide = float(np.percentile(widths, 75))
    middle = float(np.median(boxes.left + boxes.right)) / 2.0
    for first in np.argsort(boxes.middle, kind="stable")[:2].tolist():
        gaps = np.maximum(boxes.left - boxes.right[first], boxes.left[first] - boxes.right)
        beside = (np.abs(boxes.middle - boxes.middle[first]) < BESIDE_IT) & (gaps < ALONE)
        under = (boxes.middle < boxes.middle[first]) & (gaps < 0.0)
        corner = boxes.left[first] > middle + wide / 5.0 and widths[first] < LONE * wide
        if corner and beside.sum() == 1 and not under.any():
            return int(first)
    return None


def _stripes(boxes: Boxes) -> list[NDArray[np.intp]]:
    """Columns that few lines cross, from left to right."""
    middles = (boxes.left + boxes.right) / 2.0
    order = np.argsort(middles, kind="stable")
    cuts = []
    for x in np.unique(boxes.right):
        crossed = (boxes.left < x) & (boxes.right > x + EDGE)
        if crossed.sum() <= CROSSED * len(boxes):
            cuts.append(x)
    column = np.searchsorted(np.array(cuts), middles[order])
    return [part for part in np.split(order, np.flatnonzero(np.diff(column)) + 1) if len(part)]


def _is_table(boxes: Boxes, columns: list[NDArray[np.intp]]) -> bool:
    cells = [column for column in columns if len(column) >= CELLS]
    widths = [_width(boxes.of(column)) for column in cells]
    narrow = sum(width < SHORT * max(widths) for width in widths)
    return len(cells) >= 3 and narrow >= 2 and sum(width >= PROSE_WIDTH for width in widths) < 2


def _blocks(boxes: Boxes, lines: NDArray[np.intp]) -> Iterator[Block]:
    """Blocks of some of the lines, in reading order."""
    some = boxes.of(lines)
    columns = [lines[column] for column in _columns(some)]
    if len(columns) > 1:
        yield from _side_by_side(boxes, columns)
        return
    crossing = _crossing(some)
    if crossing is None:
        yield TEXT, _down(boxes, lines)
        return
    edges = sorted(some.middle[crossing])
    bands = np.searchsorted(edges, some.middle[~crossing])
    beside = lines[~crossing]
    spanning = lines[crossing][np.argsort(some.middle[crossing], kind="stable")]
    gathered: list[int] = []
    for band in range(len(edges) + 1):
        within = beside[bands == band]
        if len(within):
            if gathered:
                yield TEXT, gathered
            gathered = []
            yield from _blocks(boxes, within)
        gathered += spanning[band : band + 1].tolist()
    if gathered:
        yield TEXT, gathered


def _columns(boxes: Boxes) -> list[NDArray[np.intp]]:
    """Lines with a gutter between them, from left to right."""
    order = np.argsort(boxes.left, kind="stable")
    reach = np.maximum.accumulate(boxes.right[order])
    return np.split(order, np.flatnonzero(boxes.left[order][1:] - reach[:-1] > GUTTER) + 1)


def _side_by_side(boxes: Boxes, columns: list[NDArray[np.intp]]) -> Iterator[Block]:
    widths = [_width(boxes.of(column)) for column in columns]
    prose = [len(column) >= PROSE_LINES and width >= PROSE_WIDTH for column, width in zip(columns, widths, strict=True)]
    narrow = [
        len(column) >= CELLS and width < SHORT * max(widths) for column, width in zip(columns, widths, strict=True)
    ]
    alike = len(columns) == 2 and min(map(len, columns)) > CELLS and min(widths) >= PROSE_WIDTH / 2.0
    if sum(prose) < 2 and (sum(narrow) >= 2 or not (any(prose) or alike)):
        yield TEXT, _down(boxes, np.concatenate(columns))
        return
    if sum(prose) != 1:
        for column in columns:
            yield from _blocks(boxes, column)
        return
    main = columns[prose.index(True)]
    top = boxes.top[main].min()
    notes = [column for column in columns if column is not main]
    for column in notes:
        if boxes.middle[column].max() < top:
            yield TEXT, _down(boxes, column)
    yield from _blocks(boxes, main)
    for column in notes:
        if boxes.middle[column].max() >= top:
            yield MARGIN, _down(boxes, column)


def _width(boxes: Boxes) -> float:
    return float(np.median(boxes.right - boxes.left))


def _table(boxes: Boxes, columns: list[NDArray[np.intp]]) -> Iterator[Block]:
    """All rows in one block if they are to be told apart, else a block for each column."""
    main = max(columns, key=lambda column: (_width(boxes.of(column)) if len(column) >= CELLS else 0.0, len(column)))
    steps = np.diff(np.sort(boxes.middle[main]))
    steps = steps[steps > ROW]
    blank = steps.size > 0 and bool((steps > BLANK * np.median(steps)).mean() >= ENTRIES)
    cells = [len(column) for column in columns if len(column) >= CELLS]
    grid = bool(cells) and float(np.median(cells)) >= GRID * (len(steps) + 1)
    if blank or grid:
        yield TEXT, _down(boxes, np.concatenate(columns))
        return
    lines = np.concatenate(columns)
    lines = lines[np.argsort(boxes.middle[lines], kind="stable")]
    usual = float(np.median(steps)) if steps.size else 0.0
    gaps = np.flatnonzero(np.diff(boxes.middle[lines]) > max(HEAD, BLANK * usual))
    if gaps.size and gaps[0] < HEAD_LINES * len(lines):
        head = lines[: gaps[0] + 1]
        if sum(bool(np.isin(column, head).any()) for column in columns) >= len(columns) / 2.0:
            yield TEXT, _down(boxes, head)
            below = [column[~np.isin(column, head)] for column in columns]
            columns = [column for column in below if len(column)]
    for column in columns:
        yield TEXT, _down(boxes, column)


def _crossing(boxes: Boxes) -> NDArray[np.bool_] | None:
    """(lines,): those that cross the gutter between two columns of the others; None if there is no such gutter."""
    best: tuple[int, NDArray[np.bool_]] | None = None
    for x in np.unique(boxes.right):
        left, right = boxes.right <= x, boxes.left > x + GUTTER
        across = ~left & ~right
        if min(left.sum(), right.sum()) < PROSE_LINES or across.sum() > SPANNING * len(boxes):
            continue
        if _shared(boxes.of(np.flatnonzero(left)), boxes.of(np.flatnonzero(right))) < BESIDE:
            continue
        if best is None or across.sum() < best[0]:
            best = int(across.sum()), across
    return best[1] if best else None


def _shared(one: Boxes, other: Boxes) -> float:
    """How much of the smaller height of two columns has lines of both beside each other."""
    low, high = max(one.top.min(), other.top.min()), min(one.bottom.max(), other.bottom.max())
    smaller = min(np.ptp(np.append(one.top, one.bottom)), np.ptp(np.append(other.top, other.bottom)))
    return float((high - low) / max(smaller, 1e-9))


def _down(boxes: Boxes, lines: NDArray[np.intp]) -> list[int]:
    """Lines from above to below, those in one row from left to right."""
    left = lines[np.argsort(boxes.middle[lines], kind="stable")].tolist()
    ordered: list[int] = []
    while left:
        first = left[0]
        row = [i for i in left if boxes.middle[i] - boxes.middle[first] <= ROW]
        # the row ends at the first line that stands below another of it
        row = [i for i in row if not any(_above(boxes, j, i) for j in row if j != i)]
        row.sort(key=lambda i: (boxes.left[i], boxes.middle[i]))
        ordered += row
        left = [i for i in left if i not in row]
    return ordered


def _above(boxes: Boxes, one: int, other: int) -> bool:
    """Whether a line stands above another, rather than beside it."""
    shared = min(boxes.right[one], boxes.right[other]) - max(boxes.left[one], boxes.left[other])
    return bool(shared > GUTTER and boxes.middle[one] < boxes.middle[other])
