"""PP-OCR's networks, as the package rapidocr brings them, declared to htrkit; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_models() -> list[Component]:
    """The model of this package."""
    return [Component("ppocr", "PP-OCRv6: print and handwriting of many languages", "htrkit_rapidocr.recognizer:ppocr")]


@hookimpl
def htrkit_segmenters() -> list[Component]:
    """The segmenter of this package."""
    return [Component("ppocr", "PP-OCRv6's detector: boxes, joined into lines", "htrkit_rapidocr.segmenter:PpOcr")]
