"""Holds sources and segmenters to their contracts: what their pages must be, on files, on drawn pages and on junk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from htrkit.contracts import Segmenter, Source
from htrkit.geometry import Outline
from htrkit.pages.sources import check_page
from htrkit.testing.contract import check_junk, promised, require, unchanged
from htrkit.testing.drawn import pages
from htrkit.types import Page

ROUNDING = 1.0
"""Pixels that an outline may lie beyond its page."""


def check_source(factory: Callable[[], Source], path: str | Path) -> None:
    """Check a source against the contract of `htrkit.contracts.Source`.

    Parameters
    ----------
    factory
        Makes the source: its class, or ``lambda: MySource(option=value)``.
    path
        A file that it gives at least one page of.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    path = Path(path)
    with promised("the factory"):
        source = factory()
    with promised("accepts"):
        require(source.accepts(path) is True, f"accepts does not know {path}")
    if hasattr(source, "picture"):
        with promised("picture"):
            picture = source.picture(path)
        require(picture is None or isinstance(picture, Path), f"picture gives {picture!r} instead of a path or None")
    found = _pages(source, path, f"on {path}")
    require(bool(found), f"pages gives no page of {path}")
    require(len({page.id for page in found}) == len(found), f"two pages of {path} have one id")
    numbers = [page.number for page in found]
    require(
        numbers == list(range(1, len(found) + 1)), f"the pages have the numbers {numbers}, which do not count from 1"
    )
    require(all(page.source == path for page in found), f"a page's source is not {path}")
    again = _pages(source, path, "the second time")
    require(list(map(_what, found)) == list(map(_what, again)), "pages gives something else the second time")
    if hasattr(source, "pages_from"):
        with promised("pages_from"):
            later = list(source.pages_from(path, len(found)))
            none = list(source.pages_from(path, len(found) + 1))
        same = list(map(_what, later)) == list(map(_what, found[-1:]))
        require(same and not none, "pages_from gives other pages than pages does from that number on")
    check_junk(source, "pages", path)


def check_segmenter(factory: Callable[[], Segmenter]) -> None:
    """Check a segmenter against the contract of `htrkit.contracts.Segmenter`.

    Parameters
    ----------
    factory
        Makes the segmenter: its class, or ``lambda: MySegmenter(option=value)``.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    with promised("the factory"):
        segmenter = factory()
    for what, page in pages():
        where = f"on {what}"
        with promised("segment", where), unchanged(page.pixels, "segment"):
            found = check_page(segmenter.segment(page))
            again = segmenter.segment(page)
        _check_lines(found, where)
        same = (found.id, found.source, found.number) == (page.id, page.source, page.number)
        require(same and np.array_equal(found.pixels, page.pixels), f"segment gives another page {where}")
        require(_what(found) == _what(again), f"segment answers differently the second time {where}")
        if what == "a page of three lines":
            require(bool(found.lines), f"segment finds no line {where}")


def _pages(source: Source, path: Path, where: str) -> list[Page]:
    with promised("pages", where):
        found = list(map(check_page, source.pages(path)))
    for page in found:
        _check_lines(page, f"on page {page.number}")
    return found


def _check_lines(page: Page, where: str) -> None:
    """Regions and lines lie on the page, and belong together."""
    regions = [region.id for region in page.regions]
    require(len(set(regions)) == len(regions) and all(regions), f"the ids of the regions are {regions} {where}")
    for region in page.regions:
        _check_outline(region.polygon, 3, page, f"the polygon of region {region.id!r}", where)
    for number, (place, _) in enumerate(page.lines):
        if place is None:
            continue
        require(place.page == page.id, f"line {number} says that it stands on {place.page!r}, not {page.id!r} {where}")
        require(place.order == number, f"line {number} has the order {place.order} {where}")
        require(place.region in ("", *regions), f"line {number} belongs to no region {place.region!r} {where}")
        _check_outline(place.polygon, 3, page, f"the polygon of line {number}", where)
        if place.baseline:
            _check_outline(place.baseline, 2, page, f"the base line of line {number}", where)


def _check_outline(outline: Outline, least: int, page: Page, what: str, where: str) -> None:
    with promised(f"{what} is no list of points:", where):
        points = np.asarray(outline, float).reshape(len(outline), 2)
    require(len(points) >= least, f"{what} has {len(points)} points, fewer than {least} {where}")
    height, width = page.pixels.shape
    inside = (points >= -ROUNDING) & (points <= np.add((width, height), ROUNDING))  # NaN is not
    require(bool(inside.all()), f"{what} leaves the page of {width} x {height} pixels {where}")


def _what(page: Page) -> object:
    """A page as what compares equal to itself."""
    return page.id, page.source, page.number, page.pixels.tobytes(), page.regions, page.lines
