"""Pages through a segmenter, in order; a page on which it fails is lost alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from htrkit.pages.sources import check_page
from htrkit.stream import guarded
from htrkit.types import Failed, Page, Segmenter

Other = TypeVar("Other")


class Whole:
    """Takes each page for one line, unless its file says where the lines are."""

    def segment(self, page: Page) -> Page:
        """The page with the one line that has no place: all of it."""
        return page if page.regions or page.lines else replace(page, lines=((None, None),))


def segmented(
    segmenter: Segmenter, name: str, pages: Iterable[Page | Other], *, keep: bool = False
) -> Iterator[Page | Failed | Other]:
    """Pages with their regions and lines; what is no page, such as what failed before, is passed on in its place.

    Parameters
    ----------
    segmenter, name
        A segmenter, and what the user calls it. Of the page that it gives, regions and lines are taken.
    keep
        Leave a page as it is whose file says where the lines are.
    """
    for page in pages:
        if isinstance(page, Page) and not (keep and (page.regions or page.lines)):
            yield guarded(page.id, "segmenter", name, lambda page=page: _segmented(segmenter, name, page))  # type: ignore[misc]
        else:
            yield page


def _segmented(segmenter: Segmenter, name: str, page: Page) -> Page:
    found = check_page(segmenter.segment(page))
    lines = tuple(
        (place and replace(place, page=page.id, order=order), text) for order, (place, text) in enumerate(found.lines)
    )
    return replace(page, regions=tuple(found.regions), lines=lines, segmenter=name)
