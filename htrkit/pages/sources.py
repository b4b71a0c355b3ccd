"""Which files are meant, which source each of them belongs to, and the pages that it gives."""

from __future__ import annotations

import codecs
import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from htrkit import pixels, plugins
from htrkit.contracts import Source
from htrkit.errors import InputError, PluginError, ShapeError
from htrkit.files import absolute, exists, is_file, is_folder, natural
from htrkit.owners import Owners
from htrkit.quoting import shown
from htrkit.spec import Spec
from htrkit.stream import guarded, lightened
from htrkit.types import Failed, Page, Place, Region

END = object()
NO_LIST = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"%PDF-")
"""What images begin with, and no list of paths does."""


class Sources:
    """The installed sources, htrkit's own first; a stranger's is loaded for files that none before it knows.

    Parameters
    ----------
    only
        The source for all files, ``name`` or ``name:key=value``; by default the first that accepts a file.

    Raises
    ------
    UsageError, PluginError
        If that source cannot be had.
    """

    def __init__(self, only: str | None = None) -> None:
        first = Spec.parse("source", plugins.default("source") if only is None else only)
        self._first: tuple[str, Source] = first.name, first.create()
        others = () if only else plugins.declared("source")
        names = dict.fromkeys([first.name, *(one.component.name for one in others if not one.broken)])
        self._owners = Owners("source", names, dict([self._first]))

    def of(self, path: Path) -> tuple[str, Source] | None:
        """The source that a file belongs to, with its name; None if no source knows it."""
        return next(self._owners.of(path), None)

    def files(self, paths: Sequence[str | Path], *, output: Path | None = None) -> list[str]:
        """The files that ``paths`` mean, as `find_files` says, without images that others of them are read with.

        Parameters
        ----------
        output
            A folder of results: what lies in it is left out, unless a path leads into it.
        """
        found = find_files(paths, self.of)
        if output and output.is_dir() and not any(_lies_in(path, output) for path in paths):
            found = [file for file in found if not _lies_in(file, output)]
        with_others = {absolute(image) for file in found if (image := self._picture(Path(file)))}
        return [file for file in found if absolute(file) not in with_others]

    def pages(self, paths: Iterable[str]) -> Iterator[Page | Failed]:
        """The pages of files, in order; a file, or a page of it, that cannot be read is `Failed`.

        A file that no source knows is given to the first one, which says what is wrong with it, or reads it anyway.
        """
        for path in paths:
            yield from self.pages_from(path, 1)

    def pages_from(self, path: str, number: int) -> Iterator[Page | Failed]:
        """The pages of a file from the one of a number on, as `pages` gives them; none if the file has fewer."""
        return _pages(*(self.of(Path(path)) or self._first), path, number)

    def _picture(self, path: Path) -> Path | None:
        """The image that a file is read with, if its source says so; None, too, if it fails to."""
        name, source = self.of(path) or ("", None)
        ask = getattr(source, "picture", None)
        answer = None if ask is None else guarded(str(path), "source", name, lambda: ask(path))
        return answer if isinstance(answer, Path) else None


def find_files(paths: Iterable[str | Path], accepts: Callable[[Path], object]) -> list[str]:
    """The files that ``paths`` mean, in that order.

    Parameters
    ----------
    paths
        A file stands for itself, even if it does not exist: reading it will say so. A folder stands for the files in
        it and below that are accepted; without any it stands for itself, for the same reason. What does not exist and
        has ``*``, ``?`` or ``[`` in it is a pattern (``**`` for any folders). ``-`` stands for a list of paths on
        standard input, one a line, or separated by null characters.
    accepts
        Whether a file in a folder is meant.
    """
    found: list[str] = []
    for path in map(str, paths):
        for named in _listed() if path == "-" else [path]:
            for match in _matches(named):
                found += (is_folder(match) and files_in(match, accepts)) or [match]
    return found


def files_in(folder: str | Path, accepts: Callable[[Path], object]) -> list[str]:
    """The files in a folder and below, sorted as people do, hidden ones, pipes and devices left out.

    Links to folders are followed, but for those that lead back to one that is searched, or holds it. A folder that
    cannot be opened stands for itself: reading it will say so.
    """
    closed: list[Path] = []
    files: list[Path] = []
    start = Path(os.path.realpath(folder))
    searched = {start}
    walk = os.walk(folder, followlinks=True, onerror=lambda error: closed.append(Path(error.filename)))
    for root, folders, names in walk:
        below = {name: Path(os.path.realpath(Path(root, name))) for name in folders if not name.startswith(".")}
        folders[:] = [name for name, real in below.items() if real not in searched and not start.is_relative_to(real)]
        searched.update(below.values())
        files += [Path(root, name) for name in names if not name.startswith(".")]
    # what leads nowhere is kept: reading it will say so
    wanted = sorted(filter(_no_pipe, [*files, *closed]), key=natural)
    return [str(file) for file in wanted if file in closed or accepts(file)]


def _lies_in(path: str | Path, folder: Path) -> bool:
    return absolute(path).is_relative_to(absolute(folder))


def _no_pipe(path: str | Path) -> bool:
    """Whether it is no pipe or device, on which reading might wait for ever."""
    return is_file(path) or is_folder(path) or not exists(path)


def _matches(path: str) -> list[str]:
    if os.path.lexists(path):
        return [path]
    try:
        # not Path.glob, which takes no absolute pattern
        matches = filter(_no_pipe, glob.glob(path, recursive=True))  # noqa: PTH207
        return sorted(matches, key=lambda match: natural(Path(match))) or [path]
    except (ValueError, RecursionError):  # a null character; a thousand folders, one in another
        return [path]


def _listed() -> list[str]:
    """Paths on standard input, as bytes: a file's name need not be text."""
    data = sys.stdin.buffer.read()
    if data.startswith(NO_LIST):
        raise InputError("standard input holds an image, where a list of paths is wanted: name the image's file")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # its null characters would separate single letters
        raise InputError("the list on standard input is in UTF-16; write it in UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [os.fsdecode(line) for line in lines if line]


def pages_from(source: Source, path: Path, number: int) -> Iterator[Page | Failed]:
    """The pages that a source gives of a file, from the one of a number on, without those before if it can do that."""
    later = getattr(source, "pages_from", None)
    if number == 1 or later is None:
        return islice(source.pages(path), number - 1, None)
    found: Iterator[Page | Failed] = later(path, number)
    return found


def _pages(name: str, source: Source, path: str, number: int) -> Iterator[Page | Failed]:
    id_ = path or "''"

    def ask() -> Iterator[object]:
        yield from pages_from(source, Path(path), number)

    def take() -> object:
        try:
            return next(pages, END)
        except InputError as error:  # the file's fault, not the source's
            return Failed(id_, str(error).removeprefix(f"{Path(path)}: "), lightened(error))

    pages = ask()
    while (page := guarded(id_, "source", name, take)) is not END:
        yield guarded(id_, "source", name, partial(_checked, page, path))


def _checked(page: object, path: str) -> Page | Failed:
    """A page, under the name that its file was given by: Python's paths leave out a ``./`` before it."""
    found = page if isinstance(page, Failed) else check_page(page)
    shortened = str(Path(path))
    return replace(found, id=path + found.id[len(shortened) :]) if found.id.startswith(shortened) else found


def check_page(page: object) -> Page:
    """A page from any source or segmenter.

    Raises
    ------
    PluginError
        If it is none, or its fields are not of their types.
    """
    if not isinstance(page, Page) or not isinstance(page.id, str):
        raise PluginError(f"gave {shown(page)} instead of a page")
    try:
        pixels.check(page.pixels)
    except ShapeError as error:
        raise PluginError(f"gave a page whose {error}") from error
    lists = isinstance(page.regions, list | tuple) and isinstance(page.lines, list | tuple)
    if not lists or not all(map(_is_region, page.regions)) or not all(map(_is_line, page.lines)):
        raise PluginError("gave a page whose regions or lines are none")
    return page


def _is_line(line: object) -> bool:
    if not isinstance(line, list | tuple) or len(line) != 2:
        return False
    place, text = line
    names = [] if place is None else [place.region, place.id] if isinstance(place, Place) else [None]
    return all(isinstance(name, str) for name in names) and (text is None or isinstance(text, str))


def _is_region(region: object) -> bool:
    return isinstance(region, Region) and isinstance(region.id, str) and isinstance(region.kind, str)
