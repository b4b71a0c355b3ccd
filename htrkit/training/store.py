"""Cleaned lines on disk: one SQLite file, in which a line is found by what it was made of."""

from __future__ import annotations

import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from htrkit.errors import HtrkitError
from htrkit.types import Pixels

KEPT_DAYS = 30
"""A line that no run has begun with for so many days is dropped."""
LINES = """create table if not exists lines (
    key text primary key, height integer, width integer, used integer, pixels blob)"""
TODAY = "cast(julianday() as integer)"


@dataclass(frozen=True, slots=True)
class Stored:
    """A line in a store: its key there, and its height and width in pixels."""

    store: Store
    key: str
    shape: tuple[int, int]

    @property
    def pixels(self) -> Pixels:
        """(height, width) uint8, read from the disk."""
        return self.store.pixels(self)


class Store:
    """A file of lines, made anew if it is damaged. Threads, processes and runs may use it at once, and may be killed at
    any moment. Raises HtrkitError if it cannot be read or written; so do the methods.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()
        except sqlite3.OperationalError as error:
            raise self._unusable(error) from error
        except sqlite3.DatabaseError:
            path.unlink()
            self._local = threading.local()
            self._prepare()
        except OSError as error:
            raise self._unusable(error) from error

    def _prepare(self) -> None:
        with self._database as database:
            database.execute(LINES)
            database.execute(f"delete from lines where used < {TODAY} - {KEPT_DAYS}")

    def __reduce__(self) -> tuple[type[Store], tuple[Path]]:
        return Store, (self.path,)

    def find(self, keys: Sequence[str]) -> dict[str, Stored]:
        """Those of the lines that are there, by their keys."""
        try:
            with self._database as database:
                asked = f"select height, width, used < {TODAY} from lines where key = ?"
                rows = {key: database.execute(asked, (key,)).fetchone() for key in keys}
                old = [(key,) for key, row in rows.items() if row and row[2]]
                database.executemany(f"update lines set used = {TODAY} where key = ?", old)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return {key: Stored(self, key, (row[0], row[1])) for key, row in rows.items() if row}

    def add(self, lines: Iterable[tuple[str, tuple[int, ...], bytes]]) -> None:
        """Keep lines: the key, the size and the `packed` pixels of each."""
        rows = [(key, height, width, content) for key, (height, width), content in lines]
        insert = f"insert or ignore into lines (key, height, width, used, pixels) values (?, ?, ?, {TODAY}, ?)"
        try:
            with self._database as database:
                database.executemany(insert, rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def pixels(self, line: Stored) -> Pixels:
        """The pixels of a line."""
        try:
            (content,) = self._database.execute("select pixels from lines where key = ?", (line.key,)).fetchone()
            return np.frombuffer(zlib.decompress(content), np.uint8).reshape(line.shape)
        except (sqlite3.Error, zlib.error, TypeError, ValueError) as error:
            raise HtrkitError(f"{self.path} has lost lines: delete it, then go on with --resume") from error

    @property
    def _database(self) -> sqlite3.Connection:
        """This thread's connection; none is taken along into a forked process."""
        if getattr(self._local, "process", None) != os.getpid():
            self._local.database = sqlite3.connect(self.path, timeout=60.0)
            self._local.process = os.getpid()
        database: sqlite3.Connection = self._local.database
        return database

    def _unusable(self, error: Exception) -> HtrkitError:
        return HtrkitError(
            f"cannot keep cleaned lines in {self.path}: {error}; delete it, or name another folder in HTRKIT_CACHE"
        )


def packed(pixels: Pixels) -> bytes:
    """The pixels of a line, as a store keeps them."""
    return zlib.compress(np.ascontiguousarray(pixels).data, 1)
