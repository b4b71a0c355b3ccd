"""PDF files as a source of pages and as a format of results, declared to htrkit; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_sources() -> list[Component]:
    """The source of this package."""
    return [Component("pdf", "PDF files, page by page, as pictures", "htrkit_pdf.source:Pdf")]


@hookimpl
def htrkit_writers() -> list[Component]:
    """The format of this package."""
    return [Component("pdf", "a PDF that can be searched, a file a page or one for all", "htrkit_pdf.writer:Pdf")]
