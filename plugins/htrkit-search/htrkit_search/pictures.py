"""Pictures of hits, cut out of the pages as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from htrkit import Failed, InputError, Outline, Page, Pixels
from htrkit.geometry import bounds, within
from htrkit.pages.sources import Sources
from htrkit_search.hits import Hit

MARGIN = 0.3
"""Of a line's height, shown above and below it."""


def pictures_of(hits: Iterable[Hit], sources: Sources | None = None) -> Iterator[tuple[Hit, Pixels | Failed]]:
    """The picture of each hit's line, with a frame around the words that were found; `Failed` where it cannot be had.

    Hits of one page come one after the other: each page is read once.
    """
    sources = sources or Sources()
    page: Page | Failed | None = None
    for hit in sorted(hits, key=lambda hit: (str(hit.source), hit.number)):
        if page is None or not isinstance(page, Page) or (page.source, page.number) != (hit.source, hit.number):
            page = _page(hit, sources)
        yield hit, _cut(hit, page) if isinstance(page, Page) else page


def _page(hit: Hit, sources: Sources) -> Page | Failed:
    try:
        for page in sources.pages([str(hit.source)]):
            if isinstance(page, Failed):
                return page
            if page.number == hit.number:
                return page
    except InputError as error:
        return Failed(hit.line, str(error), error)
    return Failed(hit.line, f"{hit.source} has no page {hit.number} any more")


def _cut(hit: Hit, page: Page) -> Pixels:
    height, width = page.pixels.shape
    outline = within(hit.outline, width, height) or ((0.0, 0.0), (width, height))
    left, top, right, bottom = bounds(outline)
    room = MARGIN * (bottom - top) if hit.outline else 0.0
    x, y = max(0, int(left - room)), max(0, int(top - room))
    cut = page.pixels[y : int(np.ceil(bottom + room)), x : int(np.ceil(right + room))]
    picture = np.array(cut if cut.size else page.pixels, order="C")
    for found in hit.found:
        if found.line == hit.line and found.outline:
            corners = np.array(within(found.outline, width, height), np.float64) - (x, y)
            cv2.polylines(picture, [np.rint(corners).astype(np.int32)], True, 0, 2)
    return picture


def box_of(outline: Outline) -> list[int] | None:
    """Left, top, right and bottom in whole pixels; None of an empty outline."""
    return [round(value) for value in bounds(outline)] if outline else None
