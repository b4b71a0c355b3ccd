"""Parquet parts: the lines that were read, and the manifest of the pages that are done.

A part has two files of one name, `lines/NAME` and then `manifest/NAME`; without the second, the first does not count.
Of a page that stands in several parts, the last one counts. The folder may be a stranger's: what no run writes is
damaged.
"""

from __future__ import annotations

import io
import re
import secrets
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from htrkit.files import absolute
from htrkit_ray.plan import Entry
from htrkit_ray.records import Record
from htrkit_ray.store import Store, is_inside

LINES, MANIFEST = "lines", "manifest"
FULL = 512
"""Pages of a part, as a run leaves them behind."""

_POINTS = pa.list_(pa.list_(pa.float64()))
_TEXT = [("text", pa.string()), ("confidence", pa.float64())]
_WORD = pa.struct([*_TEXT, ("polygon", _POINTS), ("alternatives", pa.list_(pa.struct(_TEXT)))])
LINE = pa.schema(
    [
        ("page", pa.string()),
        ("region", pa.string()),
        ("line", pa.string()),
        ("line_id", pa.string()),
        ("order", pa.int32()),
        ("polygon", _POINTS),
        ("baseline", _POINTS),
        ("text", pa.string()),
        ("confidence", pa.float64()),
        ("words", pa.list_(_WORD)),
        ("alternatives", pa.list_(pa.struct([*_TEXT, ("log_prob", pa.float64())]))),
        ("model", pa.string()),
        ("decoder", pa.string()),
        ("versions", pa.string()),
        ("seconds", pa.float64()),
        ("failure", pa.string()),
    ]
)
_TYPES = {"str": pa.string(), "int": pa.int64(), "bool": pa.bool_(), "float": pa.float64()}
PAGE = pa.schema([(one.name, _TYPES[str(one.type)]) for one in fields(Entry)])

_WANTED = {LINES: LINE, MANIFEST: PAGE}
_NEEDED = {LINES: {"page"}, MANIFEST: set(PAGE.names)}
"""Columns that every part has: versions before this one knew fewer of lines."""
_MOST_ROWS = {LINES: 2 * FULL * 1024, MANIFEST: 2 * FULL}
_MOST_BYTES = {LINES: 2 << 30, MANIFEST: 32 << 20}
"""That parts are unpacked to; far more than runs write."""
_ROWS_AT_ONCE = 64
"""That are unpacked before their bytes are counted: a value that is repeated takes no room in the file."""
_FOOTER = 1 << 20
"""Bytes at the end of a file that hold what Parquet says of it; those of parts are a few thousand."""
_UNREADABLE = (pa.ArrowException, OSError, UnicodeError)

_PART = re.compile(r"part-\d+-[0-9a-f]{8}\.parquet")
NAMES = ("file", "page", "stem", "output")
"""Columns of the manifest that need not be text."""

Key = tuple[str, int]
"""A page's file, and its number in it."""


class _DamagedError(Exception):
    """A file of a part is not whole, or not as runs write it."""


class Parts:
    """The parts in a store; only one process may write them.

    Parameters
    ----------
    store
        Whose folders `lines` and `manifest` they are in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Entry, list[Record]]] = []
        names = self._names(MANIFEST)
        self._number = max((int(name.split("-")[1]) for name in names), default=0)
        for name in set(self._names(LINES)) - set(names):  # of a run that was killed between the two
            store.remove(f"{LINES}/{name}")

    def entries(self) -> dict[Key, Entry]:
        """What became of each page in the end."""
        found: dict[Key, Entry] = {}
        for name in self._names(MANIFEST):
            try:
                entries = _entries(self._read(MANIFEST, name))
                _opened(LINES, self._store.get(f"{LINES}/{name}", last=_FOOTER))
            except _DamagedError:
                self._leave(name)
                continue
            found |= {(entry.file, entry.number): entry for entry in entries}
        return found

    def add(self, entry: Entry, records: list[Record]) -> None:
        """Another page is done; it is in a part when `flush` has been called."""
        self._waiting.append((entry, records))

    @property
    def waiting(self) -> int:
        """Pages that are in no part yet."""
        return len(self._waiting)

    def flush(self) -> None:
        """Write what is waiting as a part."""
        if self._waiting:
            lines = [record for _, records in self._waiting for record in records]
            entries = [asdict(entry) for entry, _ in self._waiting]
            self._put(pa.Table.from_pylist(_readable(lines), LINE), pa.Table.from_pylist(_readable(entries), PAGE))
            self._waiting.clear()

    def tidy(self, ends: Mapping[str, int]) -> None:
        """Make few parts of many small ones, and leave out what was read again since.

        Parameters
        ----------
        ends
            How many pages files have now: pages that they had after these are left out as well.
        """
        keys = {name: _keys(self._read(MANIFEST, name)) for name in self._names(MANIFEST)}
        last = {readable(file): number for file, number in ends.items()}
        owner = {key: name for name, found in keys.items() for key in found if key[1] <= last.get(key[0], key[1])}
        merged: list[str] = []
        pages = 0
        for name, found in keys.items():
            live = sum(owner.get(key) == name for key in found)
            if live < len(found) or live < FULL // 2:
                merged.append(name)
                pages += live
            if pages >= FULL:
                self._merge(merged, owner)
                merged, pages = [], 0
        if len(merged) > 1 or any(owner.get(key) != name for name in merged for key in keys[name]):
            self._merge(merged, owner)

    def _names(self, folder: str) -> list[str]:
        """The parts' files in a folder, which may hold other people's as well."""
        return [name for name in self._store.names(folder) if _PART.fullmatch(name)]

    def _merge(self, names: Sequence[str], owner: dict[Key, str]) -> None:
        """One part of several, of each the pages that it owns."""
        lines, pages = [], []
        for name in names:
            try:
                found = self._read(LINES, name)
            except _DamagedError:
                self._leave(name)
                continue
            manifest = self._read(MANIFEST, name)
            alive = manifest.filter(pa.array([owner.get(key) == name for key in _keys(manifest)], pa.bool_()))
            pages.append(alive)
            lines.append(found.filter(pc.is_in(found["page"], alive["page"].combine_chunks())))
        if pages:
            self._put(pa.concat_tables(lines, promote_options="default"), pa.concat_tables(pages))
        for name in names:
            self._remove(name)

    def _leave(self, name: str) -> None:
        """Leave out a part that is damaged: its pages are done no more."""
        self._remove(name)
        warnings.warn(f"{MANIFEST}/{name} or its lines are damaged: its pages are read again", stacklevel=2)

    def _remove(self, name: str) -> None:
        for folder in (MANIFEST, LINES):  # in this order: without the first, the second does not count
            with suppress(FileNotFoundError):
                self._store.remove(f"{folder}/{name}")

    def _put(self, lines: pa.Table, pages: pa.Table) -> None:
        self._number += 1
        name = f"part-{self._number:06}-{secrets.token_hex(4)}.parquet"
        for folder, table in ((LINES, lines), (MANIFEST, pages)):
            content = io.BytesIO()
            pq.write_table(table, content, compression="zstd")
            self._store.put(f"{folder}/{name}", content.getvalue())

    def _read(self, folder: str, name: str) -> pa.Table:
        file = _opened(folder, self._store.get(f"{folder}/{name}"))
        batches, size = [], 0
        try:
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                size += batch.nbytes
                if size > _MOST_BYTES[folder]:
                    raise _DamagedError
                batches.append(batch)
            table = pa.Table.from_batches(batches, file.schema_arrow).combine_chunks()
            table.validate(full=True)
        except _UNREADABLE as error:
            raise _DamagedError from error
        if any(table[column].null_count for column in _NEEDED[folder]):
            raise _DamagedError
        return table


def _opened(folder: str, content: bytes | None) -> pq.ParquetFile:
    """A part's file, or its end; only what it says of itself is read, and that is what runs write."""
    try:
        file = pq.ParquetFile(io.BytesIO(content or b""))
        columns = dict(zip(file.schema_arrow.names, file.schema_arrow.types, strict=True))
    except _UNREADABLE as error:
        raise _DamagedError from error
    wanted = dict(zip(_WANTED[folder].names, _WANTED[folder].types, strict=True))
    fits = columns.items() <= wanted.items() and _NEEDED[folder] <= columns.keys()
    fits = fits and len(columns) == len(file.schema_arrow)
    sizes = [file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups)]
    fits = fits and file.metadata.num_rows <= _MOST_ROWS[folder] and sum(map(abs, sizes)) <= _MOST_BYTES[folder]
    if not fits:
        raise _DamagedError
    return file


def _entries(manifest: pa.Table) -> list[Entry]:
    """The rows of a manifest, whose names are those of files in the store's folders."""
    found = []
    for row in manifest.to_pylist():
        entry = Entry(**row | {key: _original(row[key]) for key in NAMES})
        names = [entry.stem, entry.stem_of_file, entry.output or (entry.failure and "none")]
        try:
            absolute(entry.file).with_suffix("")
        except ValueError as error:  # it has no name
            raise _DamagedError from error
        if not all(map(is_inside, names)):
            raise _DamagedError
        found.append(entry)
    return found


def _keys(manifest: pa.Table) -> list[Key]:
    return [(row["file"], row["number"]) for row in manifest.select(["file", "number"]).to_pylist()]


def readable(text: str) -> str:
    """A text that Parquet can hold: file names need not be UTF-8, and no half character is any."""
    return text.encode("utf-8", "backslashreplace").decode()


def _original(text: str) -> str:
    """What `readable` was given, of a file's name."""
    return re.sub(r"\\udc[89a-f][0-9a-f]", lambda half: chr(int(half[0][2:], 16)), text)


def _readable(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _made_readable(value) for name, value in row.items()} for row in rows]


def _made_readable(value: Any) -> Any:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _readable(value)
    return value
