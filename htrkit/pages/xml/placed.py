"""A layout laid over the picture that it describes: a page whose lines stand where they stand on the picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from statistics import median

from htrkit.geometry import Outline, bounds, box
from htrkit.pages.images import SWAPPED
from htrkit.pages.xml.layout import NO_BLOCK, Block, Layout, TextLine, unclaimed
from htrkit.types import Page, Place, Region

ABOVE, BELOW = 0.7, 0.3
"""Of a line's height: how far the writing reaches from its base line, for lines of which nothing else is known."""
USUAL_HEIGHT = 1 / 40
"""Of the page's height, for lines of which nothing is known but one base line."""


def placed(layout: Layout, picture: Page) -> Page:
    """The picture's page with the regions and lines of a layout.

    A picture of another size than the layout states is taken for the same at another scale, and one that EXIF turns for
    the picture as it was before, if only that fits. Points beside the picture move to its edge. Of lines that have a
    base line alone the outline is a guess; of regions that have lines alone it is their box.
    """
    blocks = [_moved(block, layout, picture) for block in layout.blocks]
    blocks = [replace(block, lines=tuple(_outlined(block.lines, picture))) for block in blocks]
    regions, taken = [], set[str]()
    lines: list[tuple[Place | None, str | None]] = []
    for position, block in enumerate(blocks, start=1):
        points = [*block.polygon, *(point for line in block.lines for point in line.polygon)]
        region = ""
        if points and not block.id.startswith(NO_BLOCK):
            made_up = f"region_{position}"
            region = unclaimed(block.id or made_up, made_up, taken)
            regions.append(Region(region, block.kind, block.polygon or box(*bounds(points))))
        for line in block.lines:
            text = line.hypotheses[0].text if line.hypotheses else None
            place = Place(picture.id, len(lines), line.polygon, line.baseline, region, line.id)
            lines.append((place, text))
    return replace(picture, regions=tuple(regions), lines=tuple(lines))


def _moved(block: Block, layout: Layout, picture: Page) -> Block:
    """A block in the picture's coordinates."""
    height, width = picture.pixels.shape
    before_turn = picture.orientation in SWAPPED and _fits(layout, height, width) < _fits(layout, width, height)
    across, down = (height, width) if before_turn else (width, height)
    x_scale, y_scale = across / (layout.width or across), down / (layout.height or down)

    def move(outline: Outline) -> Outline:
        points = ((x * x_scale, y * y_scale) for x, y in outline)
        turned = (_turned(point, picture) for point in points) if before_turn else points
        return tuple((min(max(0.0, x), float(width)), min(max(0.0, y), float(height))) for x, y in turned)

    lines = (replace(line, polygon=move(line.polygon), baseline=move(line.baseline)) for line in block.lines)
    return replace(block, polygon=move(block.polygon), lines=tuple(lines))


def _fits(layout: Layout, width: int, height: int) -> float:
    """How far the shape that a layout states is from a picture's; 0 for the same, or if it states none."""
    if not layout.width * layout.height:
        return 0.0
    return abs(math.log(layout.width * height) - math.log(layout.height * width))


def _turned(point: tuple[float, float], picture: Page) -> tuple[float, float]:
    """A point of the picture as it was before EXIF turned it by a quarter."""
    height, width = picture.pixels.shape
    y, x = point
    return (width - x if picture.orientation in (6, 7) else x, height - y if picture.orientation in (7, 8) else y)


def _outlined(lines: Iterable[TextLine], picture: Page) -> Iterator[TextLine]:
    """Lines, with a guess at the outlines of those that have a base line alone."""
    lines = list(lines)
    bases = sorted(sum(y for _, y in line.baseline) / len(line.baseline) for line in lines if line.baseline)
    gaps = [below - above for above, below in pairwise(bases) if below > above + 1.0]
    size = median(gaps) if gaps else USUAL_HEIGHT * picture.pixels.shape[0]
    for line in lines:
        known = line.polygon or len(line.baseline) < 2
        yield line if known else replace(line, polygon=_around(line.baseline, size, picture))


def _around(baseline: Outline, size: float, picture: Page) -> Outline:
    height = float(picture.pixels.shape[0])
    above = tuple((x, max(0.0, y - ABOVE * size)) for x, y in baseline)
    return above + tuple((x, min(height, y + BELOW * size)) for x, y in reversed(baseline))
