"""A segmenter for pages that lie straight."""

from dataclasses import replace

import numpy as np

from htrkit import Page, Place


class Gaps:
    """Each strip of rows with ink in them is a line, from the left edge of the page to the right one.

    Parameters
    ----------
    ink
        Pixels darker than this are ink.
    smallest
        Strips of fewer rows are specks.
    room
        Rows of paper that a line keeps above and below.
    """

    def __init__(self, *, ink: int = 128, smallest: int = 8, room: int = 8) -> None:
        self.ink, self.smallest, self.room = ink, smallest, room

    def segment(self, page: Page) -> Page:
        """The page with its lines, from top to bottom; as it is if they are known already."""
        if page.lines:
            return page
        has_ink = np.pad((page.pixels < self.ink).any(axis=1), 1)
        strips = np.flatnonzero(np.diff(has_ink)).reshape(-1, 2).tolist()
        height, width = map(float, page.pixels.shape)
        lines: list[tuple[Place, None]] = []
        for start, stop in strips:
            if stop - start >= self.smallest:
                top, bottom = max(0.0, start - self.room), min(height, stop + self.room)
                polygon = ((0.0, top), (width, top), (width, bottom), (0.0, bottom))
                lines.append((Place(page.id, len(lines), polygon), None))
        return replace(page, lines=tuple(lines))
