"""The process that draws pages: what a stranger's file does to PDFium, and to the memory, ends with it."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping

import pypdfium2
import pypdfium2.raw

from htrkit import InputError
from htrkit.pages.images import MAX_PIXELS, MIN_SIDE, decode_image
from htrkit.processes import limit_foreign_memory, serve
from htrkit.quoting import first_line
from htrkit_pdf.drawer import MAX_RESOLUTION, Drawn, Opened

POINTS = 72.0
"""Units of a PDF in an inch."""
USUAL_RESOLUTION = 300.0
"""Dots per inch where no scan fills the page."""
SCAN = 0.5
"""A picture that fills this share of its page is taken for a scan of it."""
OBJECTS = 1000
"""Of a page that are looked through for its scan."""
END_OF_JPEG = b"\xff\xd9"
REASONS = {
    pypdfium2.raw.FPDF_ERR_FILE: "cannot be read",
    pypdfium2.raw.FPDF_ERR_FORMAT: "no PDF, or damaged",
    pypdfium2.raw.FPDF_ERR_PASSWORD: "needs a password; save it without one first",
    pypdfium2.raw.FPDF_ERR_SECURITY: "protected in a way that is not understood; save it without protection first",
}


class Drawing:
    """Answers questions; a file or page that is refused has an ``error``."""

    def __init__(self) -> None:
        self._document: pypdfium2.PdfDocument | None = None

    def answer(self, question: Opened | Drawn) -> Mapping[str, object]:
        """``pages``, or ``height``, ``width`` and the grey ``pixels`` in base 64."""
        try:
            return self._open(question.path) if isinstance(question, Opened) else self._draw(question)
        except (InputError, pypdfium2.PdfiumError) as error:
            return {"error": first_line(error)}

    def _open(self, path: str) -> Mapping[str, object]:
        if self._document:
            self._document.close()
        self._document = None
        try:
            self._document = pypdfium2.PdfDocument(path)
        except (pypdfium2.PdfiumError, OSError) as error:
            raise InputError(REASONS.get(getattr(error, "err_code", None) or 0, "no PDF, or damaged")) from error
        return {"pages": len(self._document)}

    def _draw(self, question: Drawn) -> Mapping[str, object]:
        assert self._document
        page = self._document[question.index]
        try:
            width, height = page.get_size()
            if not (width > 0 and height > 0 and math.isfinite(width * height)):
                raise InputError("it has no size")
            scan, dots = _scan(page)
            if scan:
                _check(scan)
            scale = (question.resolution or dots) / POINTS
            scale = min(scale, math.sqrt(MAX_PIXELS / (width * height)))
            if min(width, height) * scale < MIN_SIDE or max(width, height) * scale > MAX_PIXELS // MIN_SIDE:
                raise InputError(f"{width:g} x {height:g} points are no size for a page")
            # pdfium rounds up: what is a whole number but for rounding must not get another column
            bitmap = page.render(scale=scale * (1.0 - 1e-6), grayscale=True, may_draw_forms=False)
            try:
                rows = bitmap.to_numpy()  # a view of memory that pdfium frees
                rows = rows.reshape(rows.shape[0], -1)
                pixels = base64.b64encode(rows.tobytes()).decode()
                return {"height": rows.shape[0], "width": rows.shape[1], "pixels": pixels}
            finally:
                bitmap.close()
        finally:
            page.close()


def _scan(page: pypdfium2.PdfPage) -> tuple[pypdfium2.PdfImage | None, float]:
    """The scan that fills a page, and its dots per inch; the usual ones if none does."""
    width, height = page.get_size()
    pictures = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    for picture, _ in zip(pictures, range(OBJECTS), strict=False):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) >= SCAN * width * height:
            columns, rows = picture.get_px_size()
            # the picture may be turned on its page: its long side against the long side there
            dots = max(columns, rows) / max(right - left, top - bottom) * POINTS
            if dots >= 1.0:
                return picture, float(min(dots, MAX_RESOLUTION))
    return None, USUAL_RESOLUTION


def _check(scan: pypdfium2.PdfImage) -> None:
    """Raise InputError if a scan is cut off, which PDFium draws as far as it goes."""
    if scan.get_filters(skip_simple=True) != ["DCTDecode"]:
        return
    content = bytes(scan.get_data(decode_simple=True))
    if END_OF_JPEG not in content[-64:]:  # fast; decoding it all again is not
        decode_image(content, "its scan")


def main() -> None:
    """Answer what is asked; this is the other process."""
    limit_foreign_memory()
    serve(Drawing().answer)
