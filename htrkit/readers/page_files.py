"""Samples from PAGE and ALTO files: the lines of their pages, cut out, with the texts that the files have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from htrkit.errors import InputError, ShapeError
from htrkit.pages.cut import cut
from htrkit.pages.sources import files_in
from htrkit.pages.xml.source import Xml
from htrkit.readers.samples import Skipped
from htrkit.types import Failed, Page, Sample


class PageFiles:
    """PAGE and ALTO files with their images beside them, or folders with such files in them and below.

    Each line with a text is a sample, cut out of its page along its outline. Group: ``page``, the path of the file.
    """

    def __init__(self) -> None:
        self._xml = Xml()

    def accepts(self, path: Path) -> bool:
        """Whether it is such a file, or a folder with one in it or below."""
        if not path.is_dir():
            return self._xml.accepts(path)
        return any(map(self._xml.accepts, map(Path, files_in(path, lambda file: file.suffix.lower() == ".xml"))))

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        """The samples page by page, in reading order.

        Raises
        ------
        InputError
            If a file that is named outright cannot be read, or there is none in a folder.
        """
        if not path.is_dir():
            yield from self._samples(path)
            return
        files = files_in(path, self._xml.accepts)
        if not files:
            raise InputError(f"{path}: no PAGE or ALTO file in it or below")
        for file in files:
            try:
                yield from self._samples(Path(file))
            except InputError as error:
                yield Skipped(str(error), "unreadable page")

    def _samples(self, path: Path) -> Iterator[Sample | Skipped]:
        for page in self._xml.pages(path):
            if isinstance(page, Failed):
                yield Skipped(str(page), "unreadable page")
                continue
            for number in range(len(page.lines)):
                yield _sample(page, number)


def _sample(page: Page, number: int) -> Sample | Skipped:
    place, text = page.lines[number]
    name = f"{page.id}:{number + 1}"
    if place is None or not text or text.isspace():
        return Skipped(name, "line without text")
    try:
        return Sample(cut(page, place, name), text, {"page": page.id})
    except ShapeError as error:
        return Skipped(f"{name}: {error}", "line that cannot be cut out")
