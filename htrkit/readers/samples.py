"""Samples of any reader, one by one, with an account of what was read and what was skipped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from htrkit import plugins
from htrkit.errors import InputError, PluginError, UsageError
from htrkit.host import warn
from htrkit.spec import Spec
from htrkit.types import Sample


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
    """Entries skipped for one reason.

    Attributes
    ----------
    first
        The first entry.
    """

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


class Account:
    """Entries that were left out, counted by their reason, with the first of each."""

    def __init__(self) -> None:
        self._kinds: dict[str, SkippedKind] = {}

    def add(self, entry: Skipped) -> None:
        """Count one more."""
        known = self._kinds.get(entry.reason, SkippedKind(entry.reason, 0, entry.where))
        self._kinds[entry.reason] = replace(known, count=known.count + 1)

    @property
    def kinds(self) -> tuple[SkippedKind, ...]:
        """What was counted, in the order of the first entries."""
        return tuple(self._kinds.values())


class Samples:
    """Iterate the samples of several sources; ``report`` then says what was read and what was skipped.

    Texts come in Unicode's normal form C, without white space around them; an empty text is skipped.
    Each iteration reads the sources anew and begins a new report.

    Parameters
    ----------
    sources
        Paths, each with the reader for it.
    """

    def __init__(self, sources: Sequence[tuple[Path, Reader]]) -> None:
        self._sources = tuple(sources)
        self._read = 0
        self._skipped = Account()

    def __iter__(self) -> Iterator[Sample]:
        self._read = 0
        self._skipped = Account()
        for path, reader in self._sources:
            for entry in reader.read(path):
                if isinstance(entry, Skipped):
                    self._skipped.add(entry)
                elif text := unicodedata.normalize("NFC", entry.text).strip():
                    self._read += 1
                    yield entry if text == entry.text else replace(entry, text=text)
                else:
                    self._skipped.add(Skipped(entry.line.id, "empty text"))

    @property
    def report(self) -> Report:
        """The account so far; of everything once the iteration has ended."""
        return Report(self._read, self._skipped.kinds)


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
    readers = _every_reader()
    return Samples([(path, _reader_for(path, readers)) for path in checked])


def _every_reader() -> dict[str, Reader]:
    """Readers by name, but for those that cannot be loaded: a broken one must not keep the others from their data."""
    readers: dict[str, Reader] = {}
    for name in plugins.names("reader"):
        try:
            readers[name] = plugins.create("reader", name)
        except PluginError as error:
            warn(str(error))
    return readers


def _reader_for(path: Path, readers: dict[str, Reader]) -> Reader:
    accepting = [name for name, reader in readers.items() if reader.accepts(path)]
    if len(accepting) == 1:
        return readers[accepting[0]]
    if accepting:
        raise UsageError(f"{path}: the readers {' and '.join(accepting)} all know it; name one of them")
    raise InputError(f"{path}: no reader knows this layout; there are: {', '.join(sorted(readers))}")
