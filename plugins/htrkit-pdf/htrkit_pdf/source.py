"""The source of PDF files: each page as the picture that people see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from htrkit import Failed, InputError, Page
from htrkit.files import is_file
from htrkit.quoting import first_line
from htrkit_pdf.drawer import MAX_RESOLUTION, Drawer


class Pdf:
    """PDF files. The text that a page may hold already is not used, only what is to be seen on it.

    Pages are drawn in a process of their own, within limits: a file that is made to take all memory, or to crash what
    draws it, costs its page.

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
        self._drawer = Drawer()

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
            count = self._drawer.count(path)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        if not count:
            raise InputError(f"{path}: has no pages")
        for at in range(number, count + 1):
            yield self._page(f"{path}#{at}" if count > 1 else str(path), path, at)

    def _page(self, name: str, path: Path, number: int) -> Page | Failed:
        try:
            return Page(name, path, number, self._drawer.draw(path, number - 1, self._resolution))
        except Exception as error:  # whatever a page raises, memory that it lacks for one, must not cost those after it
            return Failed(name, f"the page cannot be drawn: {first_line(error)}", error)
