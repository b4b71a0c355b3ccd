"""The pages of a folder: which image or file with several pages, and which PAGE XML, each of them consists of."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from htrkit.pages.sources import Sources, find_files

GLANCE = 1 << 16
PAGE_FOLDER = "page"
"""Where PAGE XML lies that has no room beside its picture."""
_NUMBER = re.compile(rb"page\s*\{\s*number:\s*(\d{1,6})")

Stat = tuple[int, int]
"""Size and time of a change, which tell one state of a file from another."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in the folder.

    Attributes
    ----------
    describes
        Whether it is PAGE or ALTO, which describe an image.
    picture, number
        Of PAGE and ALTO: the image that they describe, if it is there, and the number of the page in it.
    is_page
        Whether it is PAGE XML.
    """

    path: Path
    stat: Stat
    describes: bool = False
    picture: Path | None = None
    number: int = 1
    is_page: bool = False


@dataclass(slots=True)
class Looker:
    """Looks through a folder, and remembers what it has seen of files that have not changed since."""

    root: Path
    _sources: Sources = field(default_factory=Sources)
    _seen: dict[tuple[Path, Stat], FoundFile | None] = field(default_factory=dict)

    def files(self) -> list[FoundFile]:
        """The files of pages, as people sort them; those that a link leads out of the folder to are left out."""
        found: dict[tuple[Path, Stat], FoundFile | None] = {}

        def look(path: Path) -> bool:
            stat = stat_of(path)
            if stat is None or not inside(self.root, path):
                return False
            key = (path, stat)
            try:
                found[key] = self._seen[key] if key in self._seen else self._looked_at(path, stat)
            except OSError:  # it has gone meanwhile, or may not be read
                return False
            return found[key] is not None

        find_files([self.root], look)
        self._seen = found
        return [one for one in found.values() if one is not None]

    def _looked_at(self, path: Path, stat: Stat) -> FoundFile | None:
        owner = self._sources.of(path)
        if owner is None:
            return None
        ask = getattr(owner[1], "picture", None)
        if ask is None:
            return FoundFile(path, stat)
        picture = ask(path)
        if picture is not None:
            picture = Path(os.path.normpath(picture))
            if not inside(self.root, picture):
                picture = None
        with path.open("rb") as file:
            head = file.read(GLANCE)
        number = _NUMBER.search(head)
        return FoundFile(path, stat, True, picture, int(number[1]) if number else 1, b"PcGts" in head)


def stat_of(path: Path | None) -> Stat | None:
    """The size and the time of the last change of a file; None if there is none."""
    try:
        found = None if path is None else path.stat()
    except (OSError, ValueError):
        return None
    return None if found is None else (found.st_size, found.st_mtime_ns)


def is_text(path: Path) -> bool:
    """Whether a path can be written in every file: it is UTF-8, without line ends and the like."""
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in str(path))


def inside(root: Path, path: Path) -> bool:
    """Whether a path, with all links followed, lies in a folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the folder.

    Attributes
    ----------
    id
        Its name for the browser: the picture's path in the folder, with ``#2`` of a file with several pages.
    file, number
        The picture; None for a page whose picture is not there.
    described
        Its PAGE or ALTO file; None if it has none.
    kept
        The PAGE XML file that it is, or will be, saved in.
    """

    id: str
    file: Path | None
    number: int
    described: Path | None
    kept: Path
    several: bool = False


def entries(root: Path, files: list[FoundFile], counts: Mapping[Path, int]) -> Iterator[Entry]:
    """The pages of files.

    Parameters
    ----------
    counts
        How many pages files have that may have several; one that is not in it has one.
    """
    described: dict[Path, dict[int, list[FoundFile]]] = defaultdict(lambda: defaultdict(list))
    pictures = {one.path for one in files if not one.describes}
    stems = Counter(path.with_suffix("") for path in pictures)
    for one in files:
        if one.describes:
            if one.picture in pictures:
                described[one.picture][one.number].append(one)
            else:
                yield Entry(_id(root, one.path), None, 1, one.path, one.path)
    for path in (one.path for one in files if not one.describes):
        count = counts.get(path, 1)
        for number in range(1, count + 1):
            name = _id(root, path) + (f"#{number}" if count > 1 else "")
            # the number in a file may be that of a page in a book
            texts = described[path].get(number, []) if count > 1 else [*chain.from_iterable(described[path].values())]
            mark = f"#{number}" if count > 1 else ""
            own = (f"{path.stem}{mark}.xml", f"{path.name}{mark}.xml")
            # another page's file, or one from elsewhere, may name this picture too
            best = min(texts, key=lambda one: _rank(one, own), default=None)
            wanted = path.with_name(own[stems[path.with_suffix("")] > 1])
            kept = best.path if best and best.is_page else _free(wanted)
            yield Entry(name, path, number, best.path if best else None, kept, count > 1)


def _rank(one: FoundFile, own: tuple[str, str]) -> tuple[object, ...]:
    """What makes one of a picture's descriptions the one that is shown: the least of these."""
    return not one.is_page, one.path.name not in own, len(one.path.parts), one.path


def _free(wanted: Path) -> Path:
    """Where a page is saved that has no PAGE XML: beside its picture, or in a folder if the name is taken."""
    return wanted.parent / PAGE_FOLDER / wanted.name if wanted.exists() else wanted


def _id(root: Path, path: Path) -> str:
    name = path.relative_to(root)
    return name.as_posix() if is_text(name) else shown(name)


def shown(path: Path) -> str:
    """A path as it can be told: what is no text in it, as escapes."""
    return str(path) if is_text(path) else repr(os.fsencode(path))[2:-1]
