"""The source of PDF files: each page as the picture that people see."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw

from htrkit import Failed, InputError, Page, Pixels
from htrkit.files import is_file
from htrkit.pages.images import MAX_PIXELS, MIN_SIDE
from htrkit.quoting import first_line

POINTS = 72.0
"""Units of a PDF in an inch."""
MAX_RESOLUTION = 1200
"""Dots per inch; scans of handwriting are not finer, and a picture in a corner may claim anything."""
SCAN = 0.5
"""A picture that fills this share of its page is taken for a scan of it."""
OBJECTS = 1000
"""Of a page that are looked through for its scan."""
REASONS = {
    pypdfium2.raw.FPDF_ERR_FILE: "cannot be read",
    pypdfium2.raw.FPDF_ERR_FORMAT: "no PDF, or damaged",
    pypdfium2.raw.FPDF_ERR_PASSWORD: "needs a password; save it without one first",
    pypdfium2.raw.FPDF_ERR_SECURITY: "protected in a way that is not understood; save it without protection first",
}


class Pdf:
    """PDF files. The text that a page may hold already is not used, only what is to be seen on it.

    Parameters
    ----------
    resolution
        Dots per inch; 0 for that of the scan that fills a page, and 300 where none does.

    Raises
    ------
    ValueError
        If the resolution is negative, or above 1200.
    """

    def __init__(self, *, resolution: int = 0) -> None:
        if not 0 <= resolution <= MAX_RESOLUTION:
            raise ValueError(f"resolution is {resolution}; it must be 0 to {MAX_RESOLUTION}")
        self._resolution = resolution

    def accepts(self, path: Path) -> bool:
        """Whether it begins like a PDF, or is called like one: what is wrong with it, reading it will say."""
        if not is_file(path):
            return False
        if path.suffix.lower() == ".pdf":
            return True
        try:
            with path.open("rb") as file:
                return file.read(5) == b"%PDF-"
        except (OSError, ValueError):
            return False

    def pages(self, path: Path) -> Iterator[Page | Failed]:
        """The pages, one in memory at a time, called ``path#1``, ``path#2`` and so on; ``path`` if there is only one.

        Raises
        ------
        InputError
            If the file is no PDF, damaged, protected by a password, or without pages.
        """
        return self.pages_from(path, 1)

    def pages_from(self, path: Path, number: int) -> Iterator[Page | Failed]:
        """As `pages`, from the page of a number on; those before it are not drawn."""
        try:
            document = pypdfium2.PdfDocument(path)
        except (pypdfium2.PdfiumError, OSError) as error:
            reason = REASONS.get(getattr(error, "err_code", None) or 0, "no PDF, or damaged")
            raise InputError(f"{path}: {reason}") from error
        with document:
            count = len(document)
            if not count:
                raise InputError(f"{path}: has no pages")
            for at in range(number, count + 1):
                name = f"{path}#{at}" if count > 1 else str(path)
                yield self._page(document, name, path, at)

    def _page(self, document: pypdfium2.PdfDocument, name: str, path: Path, number: int) -> Page | Failed:
        try:
            return Page(name, path, number, self._picture(document, number - 1))
        except Exception as error:  # whatever a page raises, memory that it lacks for one, must not cost those after it
            return Failed(name, f"the page cannot be drawn: {first_line(error)}", error)

    def _picture(self, document: pypdfium2.PdfDocument, index: int) -> Pixels:
        page = document[index]
        try:
            width, height = page.get_size()
            if not (width > 0 and height > 0 and math.isfinite(width * height)):
                raise InputError("it has no size")
            scale = (self._resolution or _resolution(page)) / POINTS
            scale = min(scale, math.sqrt(MAX_PIXELS / (width * height)))
            if min(width, height) * scale < MIN_SIDE or max(width, height) * scale > MAX_PIXELS // MIN_SIDE:
                raise InputError(f"{width:g} x {height:g} points are no size for a page")
            # pdfium rounds up: what is a whole number but for rounding must not get another column
            bitmap = page.render(scale=scale * (1.0 - 1e-6), grayscale=True, may_draw_forms=False)
            try:
                rows = bitmap.to_numpy()  # a view of memory that pdfium frees
                return np.array(rows.reshape(rows.shape[0], -1), np.uint8, order="C")
            finally:
                bitmap.close()
        finally:
            page.close()


def _resolution(page: pypdfium2.PdfPage) -> float:
    """Dots per inch of the scan that fills a page; 300 if none does."""
    width, height = page.get_size()
    pictures = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    for picture, _ in zip(pictures, range(OBJECTS), strict=False):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) >= SCAN * width * height:
            columns, rows = picture.get_px_size()
            # the picture may be turned on its page: its long side against the long side there
            dots = max(columns, rows) / max(right - left, top - bottom) * POINTS
            if dots >= 1.0:
                return float(min(dots, MAX_RESOLUTION))
    return 300.0
