"""PP-OCR's networks, as the package rapidocr brings them, declared to htrkit; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_segmenters() -> list[Component]:
    """The segmenter of this package."""
    return [Component("ppocr", "PP-OCRv6's detector: boxes, joined into lines", "htrkit_rapidocr.segmenter:PpOcr")]
