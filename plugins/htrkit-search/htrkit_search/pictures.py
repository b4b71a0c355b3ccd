"""Pictures of hits, cut out of the pages as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from htrkit import Failed, Page, Pixels
from htrkit.files import is_file
from htrkit.geometry import bounds, within
from htrkit.pages.sources import Sources
from htrkit_search.hits import Hit

MARGIN = 0.3
"""Of a line's height, shown above and below it."""


def pictures_of(hits: Iterable[Hit], sources: Sources | None = None) -> Iterator[tuple[Hit, Pixels | Failed]]:
    """The picture of each hit's line, with a frame around the words that were found; `Failed` where it cannot be had.

    Hits of one file come one after the other: each file is read once.
    """
    files: dict[Path | str, dict[int, list[Hit]]] = {}
    for hit in hits:
        files.setdefault(hit.source, {}).setdefault(hit.number, []).append(hit)
    for file, wanted in files.items():
        yield from _in_file(file, wanted, sources or Sources())


def _in_file(file: Path | str, wanted: dict[int, list[Hit]], sources: Sources) -> Iterator[tuple[Hit, Pixels | Failed]]:
    """Those of one file. Other pages of it that cannot be had do not matter."""
    lost: dict[str, Failed] = {}
    here = isinstance(file, Path) and is_file(file)  # on a pipe, reading might wait for ever
    for page in sources.pages([str(file)]) if here else ():
        if isinstance(page, Failed):
            lost[page.id] = page
            continue
        for hit in wanted.pop(page.number, ()):
            yield hit, _cut(hit, page)
        if not wanted:
            return
    gone = f"{file} has no such page any more" if isinstance(file, Path) else f"{file} is not on this machine"
    for hits in wanted.values():
        for hit in hits:
            failure = lost.get(f"{file}#{hit.number}") or lost.get(str(file))
            yield hit, failure or Failed(hit.line, gone)


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
