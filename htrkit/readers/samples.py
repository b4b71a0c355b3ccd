"""Samples of any reader, one by one, with an account of what was read and what was skipped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from htrkit import plugins
from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import is_file
from htrkit.owners import Owners
from htrkit.pages.images import read_images
from htrkit.spec import Spec
from htrkit.types import Line, Sample

# Tabs, no-break spaces, thin spaces: whoever writes by hand writes one kind of space.
_OTHER_SPACES = re.compile(r"[^\S ]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that a reader had to leave out.

    Attributes
    ----------
    where
        The entry: a file, or a file and its row.
    reason
        Why, in words that are the same for every entry with this fault, so that they can be counted.
    """

    where: str
    reason: str


class Reader(Protocol):
    """Data with known text, in one layout."""

    def accepts(self, path: Path, /) -> bool:
        """Whether ``path`` looks like this reader's layout; a glance, no parsing; must not raise."""
        ...

    def read(self, path: Path, /) -> Iterator[Sample | Skipped]:
        """Every entry, in order: its sample, or why it is skipped.

        Raises
        ------
        InputError
            If nothing of ``path`` can be read: no header, not UTF-8.
        """
        ...


@dataclass(frozen=True, slots=True)
class SkippedKind:
    """Entries skipped for one reason, the first of them named."""

    reason: str
    count: int
    first: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the entries: ``9 read, 2 skipped: missing image (2, first: a.tsv:3 x.png)``."""

    read: int = 0
    skipped: tuple[SkippedKind, ...] = ()

    def __str__(self) -> str:
        total = sum(kind.count for kind in self.skipped)
        why = "; ".join(f"{kind.reason} ({kind.count}, first: {kind.first})" for kind in self.skipped)
        return f"{self.read} read, {total} skipped" + (f": {why}" if why else "")


def counted(entries: Iterable[Skipped]) -> tuple[SkippedKind, ...]:
    """Entries that were left out, by reason, in the order of the first of each."""
    places: dict[str, list[str]] = {}
    for entry in entries:
        places.setdefault(entry.reason, []).append(entry.where)
    return tuple(SkippedKind(reason, len(where), where[0]) for reason, where in places.items())


def line_in(image: Path) -> Line | Skipped:
    """The line in an image file, or why it cannot be had."""
    if not is_file(image):
        return Skipped(str(image), "missing image")
    try:
        lines = read_images(image)
    except InputError as error:
        return Skipped(str(error), "unreadable image")
    return lines[0] if len(lines) == 1 else Skipped(str(image), "image with several pages")


class Samples:
    """Iterate the samples of several paths, each with its reader; ``report`` then says what was read and what was
    skipped.

    Texts come in Unicode's normal form C, every kind of white space in them as a space, none around them. A text that
    is empty or of several lines is skipped. Each iteration reads the sources anew and begins a new report.
    """

    def __init__(self, sources: Sequence[tuple[Path, Reader]]) -> None:
        self._sources = tuple(sources)
        self._read = 0
        self._skipped: list[Skipped] = []

    def __iter__(self) -> Iterator[Sample]:
        self._read = 0
        self._skipped = []
        for path, reader in self._sources:
            for entry in _entries(path, reader):
                if isinstance(entry, Skipped):
                    self._skipped.append(entry)
                else:
                    self._read += 1
                    yield entry

    @property
    def report(self) -> Report:
        """The account so far; of everything once the iteration has ended."""
        return Report(self._read, counted(self._skipped))


def _entries(path: Path, reader: Reader) -> Iterator[Sample | Skipped]:
    try:
        for entry in reader.read(path):
            yield entry if isinstance(entry, Skipped) else _tidied(entry)
    except HtrkitError:
        raise
    except Exception as error:  # a plugin's reader may raise anything
        name = type(reader).__name__
        raise InputError(f"{path}: the reader {name} failed: {type(error).__name__}: {error}") from error


def _tidied(sample: Sample) -> Sample | Skipped:
    text = unicodedata.normalize("NFC", sample.text).strip()
    if not text or "\n" in text:
        return Skipped(sample.line.id, "text of several lines" if text else "empty text")
    return replace(sample, text=_OTHER_SPACES.sub(" ", text))


def open_samples(paths: Sequence[str | Path], *, reader: str | None = None) -> Samples:
    """The samples under ``paths``, to be iterated; nothing is read yet.

    Parameters
    ----------
    paths
        Files and folders.
    reader
        The reader's name, ``name:key=value`` with options; by default the one reader that accepts a path.

    Raises
    ------
    InputError
        If a path does not exist, or no reader accepts it.
    UsageError
        If there is no such reader or option, or several readers accept a path.
    """
    checked = [Path(path) for path in paths]
    for path in checked:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    if reader is not None:
        chosen: Reader = Spec.parse("reader", reader).create()
        return Samples([(path, chosen) for path in checked])
    owners = Owners("reader", plugins.names("reader"))
    return Samples([(path, _reader_for(path, owners)) for path in checked])


def _reader_for(path: Path, owners: Owners) -> Reader:
    accepting = dict(owners.of(path))
    if len(accepting) > 1:
        raise UsageError(f"{path}: the readers {' and '.join(accepting)} all know it; name one of them")
    for reader in accepting.values():
        return reader  # type: ignore[no-any-return]
    raise InputError(f"{path}: no reader knows this layout; there are: {', '.join(plugins.names('reader'))}")
