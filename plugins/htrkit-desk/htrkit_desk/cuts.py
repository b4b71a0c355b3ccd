"""Lines cut out of their pages, for the browser and for the network."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2

from htrkit import InputError, Line, Page, Place
from htrkit.pages.cut import cut
from htrkit.pages.sources import Sources
from htrkit_desk.found import Entry
from htrkit_desk.pictures import Picture
from htrkit_desk.project import Project, UnknownError
from htrkit_desk.sheet import SheetLine


class Cutter:
    """Cuts lines out of pages; the page that was needed last is kept in memory."""

    def __init__(self, project: Project) -> None:
        self._project, self._lock = project, threading.Lock()
        self._last: tuple[Path, int, Page] | None = None

    def line(self, entry: Entry, id_: str) -> tuple[SheetLine, Line]:
        """A line of a page, and its pixels.

        Raises
        ------
        UnknownError
            If the page has no such line.
        InputError
            If it cannot be cut out.
        """
        document = self._project.document(entry)
        found = next((line for line in document.sheet().lines if line.id == id_), None)
        if found is None:
            raise UnknownError(f"there is no line {id_[:200]!r} on {entry.id}")
        return found, cut(self.pixels(document.picture), place_of(found, entry.id, 0), id_)

    def pixels(self, picture: Picture) -> Page:
        """The page of a picture with its pixels."""
        with self._lock:
            changed = picture.stored.stat().st_mtime_ns
            if self._last and self._last[:2] == (picture.stored, changed):
                return self._last[2]
            self._last = None
            page = decoded(picture)
            self._last = (picture.stored, changed, page)
            return page


def decoded(picture: Picture) -> Page:
    """The page of a picture with its pixels, grey, as htrkit reads it. Raises InputError if it cannot be."""
    page = next(Sources("images").pages([str(picture.stored)]))
    if not isinstance(page, Page):
        raise InputError(f"{picture.file.name}: {page.reason}")
    return page


def place_of(line: SheetLine, page: str, order: int) -> Place:
    """Where a line of a sheet stands."""
    return Place(page, order, line.polygon, line.baseline, line.region, line.id)


def png(line: Line) -> bytes:
    """The pixels of a line as a PNG file."""
    _, data = cv2.imencode(".png", line.pixels)
    return data.tobytes()
