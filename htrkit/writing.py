"""Results through a writer, as they come, or page by page; a writer that fails is named."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from htrkit.errors import PluginError
from htrkit.files import absolute
from htrkit.quoting import failure, shown
from htrkit.spec import Spec
from htrkit.types import Failed, Page, Result, Run

END = object()


Given = TypeVar("Given", Result, tuple[Page, list[Result]])


def written(
    writer: Callable[..., Iterator[str | bytes]], name: str, results: Iterable[Given], *page: Page
) -> Iterator[str | bytes]:
    """What a writer makes of results, piece by piece; all results are taken, whatever the writer does.

    Parameters
    ----------
    writer, name
        A `htrkit.contracts.Writer`, a `htrkit.contracts.PageWriter` or its ``book``, and what the user calls it.
    results
        For a book, pages with their results.
    page
        The page that the results stand on, for a writer of pages.

    Raises
    ------
    PluginError
        If the writer fails, or gives anything but text. What is raised where the results come from is passed on.
    """
    elsewhere: list[BaseException] = []

    def relay() -> Iterator[Given]:
        try:
            yield from results
        except BaseException as error:
            elsewhere.append(error)
            raise

    given: Iterator[Given] = relay()

    def ask() -> Iterator[object]:
        yield from writer(given, *page)

    pieces = ask()
    while True:
        try:
            piece = next(pieces, END)
            if piece is not END and not isinstance(piece, str | bytes):
                raise PluginError(f"gave {shown(piece)} instead of text")
        except BaseException as error:  # a stranger's writer may raise anything
            if error in elsewhere or isinstance(error, KeyboardInterrupt):
                raise
            raise PluginError(f"writer {name!r} {failure(error)}") from error
        if not isinstance(piece, str | bytes):
            deque(given, maxlen=0)
            return
        yield piece


def by_page(found: Iterable[Page | Result | Failed]) -> Iterator[tuple[Page, list[Result]]]:
    """Each page, once all of it is read, with its results."""
    page: Page | None = None
    results: list[Result] = []
    for one in found:
        if isinstance(one, Result):
            results.append(one)
        elif isinstance(one, Page):
            if page:
                yield page, results
            page, results = one, []
    if page:
        yield page, results


class PageWriting:
    """A format as files of single pages.

    Parameters
    ----------
    spec
        Of the writer.
    run
        What it may say about where the results come from.

    Attributes
    ----------
    suffix
        Of the files.
    """

    def __init__(self, spec: Spec, run: Run) -> None:
        self._name = spec.name
        # each file is of one page, whose lines do not need its name
        self._writer = spec.create(replace(run, several=False))
        self._of_pages = hasattr(self._writer, "suffix")
        self.suffix: str = self._writer.suffix if self._of_pages else f".{spec.name}"

    def file(self, page: Page, results: Sequence[Result]) -> list[str | bytes]:
        """The file of a page, in pieces. Raises PluginError if the writer fails, or gives anything but text."""
        return list(written(self._writer, self._name, results, *([page] if self._of_pages else [])))


class PageNames:
    """What pages' files are called: as their images, in the same folders as far as these differ.

    Of a file with several pages, each has its number, ``letters#2``; images that differ in their suffix alone keep it.
    A name that is taken gets a ``_`` behind it.

    Parameters
    ----------
    files
        All files that are read.
    suffix
        Of the pages' files.
    """

    def __init__(self, files: Sequence[str], suffix: str) -> None:
        self._files, self._suffix = set(files), suffix
        paths = set(map(absolute, files))
        self._above = os.path.commonpath([path.parent for path in paths])
        stems = Counter(path.with_suffix("") for path in paths)
        self._names: dict[Path, str] = {}
        self._taken: set[str] = set()
        for path in sorted(paths):
            stem = path.with_suffix("")
            self._names[path] = self._free(os.path.relpath(stem if stems[stem] < 2 else path, self._above))
            self._taken.add(self._names[path])

    def of(self, page: Page) -> Path:
        """The path of a page's file in the folder for all of them."""
        return self._named(page.source, "" if page.id in self._files else f"#{page.number}")

    def of_file(self, file: str) -> Path:
        """The path of a page's file, if it is the only page of one of the files that are read."""
        return self._named(file, "")

    def _named(self, file: str | Path, number: str) -> Path:
        name = self._names[absolute(file)]
        return Path(f"{self._free(name + number) if number else name}{self._suffix}")

    def _free(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        return name
