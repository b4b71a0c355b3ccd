"""Pages through a segmenter, in order; a page on which it fails is lost alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from threading import Lock
from typing import TypeVar

from htrkit.contracts import Segmenter
from htrkit.pages.page_or_line import is_page
from htrkit.pages.sources import check_page
from htrkit.spec import Spec
from htrkit.stream import ahead, guarded
from htrkit.types import Failed, Page, Place

Other = TypeVar("Other")

ALL: tuple[tuple[Place | None, str | None], ...] = ((None, None),)
"""The one line that is all of its page."""


class Whole:
    """Takes each page for one line, unless its file says where the lines are."""

    def segment(self, page: Page) -> Page:
        """The page with the one line that has no place: all of it."""
        return page if page.regions or page.lines else replace(page, lines=ALL)


class PerImage:
    """Finds out for each image whether it is a page, whose lines a segmenter finds, or holds one line.

    Parameters
    ----------
    name
        The segmenter for pages, which is made when the first page comes.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._made: Segmenter | None = None
        self._making = Lock()

    def segment(self, page: Page) -> Page:
        """The page with its lines, or with the one that has no place."""
        if not is_page(page.pixels):
            return replace(page, lines=ALL)
        with self._making:
            self._made = self._made or Spec("segmenter", self._name).create()
        return self._made.segment(page)


def segmented(
    segmenter: Segmenter, name: str, pages: Iterable[Page | Other], *, keep: bool = False, threads: int = 1
) -> Iterator[Page | Failed | Other]:
    """Pages with their regions and lines; what is no page, such as what failed before, is passed on in its place.

    Parameters
    ----------
    segmenter, name
        A segmenter, and what the user calls it. Of the page that it gives, regions and lines are taken.
    keep
        Leave a page as it is whose file says where the lines are.
    threads
        CPU threads; with several, pages are looked at before they are needed.
    """

    def found(page: Page | Other) -> Page | Failed | Other:
        if isinstance(page, Page) and not (keep and page.lines):
            return guarded(page.id, "segmenter", name, lambda: _segmented(segmenter, name, page))
        return page

    return ahead(found, pages, threads)


def _segmented(segmenter: Segmenter, name: str, page: Page) -> Page:
    found = check_page(segmenter.segment(page))
    lines = tuple(
        (place and replace(place, page=page.id, order=order), text) for order, (place, text) in enumerate(found.lines)
    )
    looked_for = lines != ALL or not isinstance(segmenter, PerImage)
    return replace(page, regions=tuple(found.regions), lines=lines, segmenter=name if looked_for else "")
