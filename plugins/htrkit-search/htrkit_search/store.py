"""The file of an index: a DuckDB database, which may come from anybody."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from htrkit import Alphabet, InputError, UsageError
from htrkit.files import is_file, is_folder
from htrkit.quoting import first_line

FORMAT = "htrkit-search 2"
NAME = "index.duckdb"
"""What the index in a folder is called."""
TABLES = """
CREATE TABLE about (name VARCHAR, value VARCHAR);
CREATE TABLE files (source VARCHAR, image VARCHAR, digest VARCHAR);
CREATE TABLE pages (page INTEGER, source VARCHAR, number INTEGER, name VARCHAR, image VARCHAR, digest VARCHAR,
    archive VARCHAR);
CREATE TABLE lines (page INTEGER, number INTEGER, name VARCHAR, id VARCHAR, text VARCHAR, outline FLOAT[],
    corners FLOAT[], frames INTEGER[], outputs BLOB);
"""
AT_ONCE = 100
"""Rows that are put into a table with one statement."""
IN_MEMORY = 32_768
"""Lines that are read from the disk at a time."""
BOUNDED: dict[str, Any] = {"autoinstall_known_extensions": "false", "threads": "1", "memory_limit": "1GB"}
"""How the engine opens what may come from a stranger: a file of a few kilobytes can unpack to gigabytes."""
# A stranger's database must not lead anywhere else: views may read files.
_ALONE: dict[str, Any] = {"enable_external_access": "false", **BOUNDED}
# By their full names: a macro in the file may go by the name of any function.
_DECLARED = """
SELECT schema_name, table_name, sql FROM system.main.duckdb_tables()
UNION ALL SELECT schema_name, function_name, NULL FROM system.main.duckdb_functions() WHERE NOT internal
ORDER BY ALL
"""
_LONGEST = 1 << 20
"""Bytes of a value of ``about``; a large alphabet takes a fifth of that."""
_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)
"""Why the system may refuse to write or read a file that is whole."""
_HALF_CHARACTER = "[\ud800-\udfff]"
# also the backslash of what looks like an escape already
_ESCAPED = re.compile(_HALF_CHARACTER + r"|\\(?=u[0-9a-f]{4})")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class Store:
    """An index on disk.

    Parameters
    ----------
    path
        The file, or a folder: the index in it is called `NAME`.
    create
        The alphabet and the model's name of an index that is to be written to, and made if it is not there; None to
        read one.

    Raises
    ------
    InputError
        If there is no such file, it is damaged or no index, or another program is writing to it.
    UsageError
        If it was made with another model.
    """

    def __init__(self, path: Path, *, create: tuple[Alphabet, str] | None = None) -> None:
        self.path = path = path / NAME if is_folder(path) else path
        self._use = "read" if create is None else "write"
        if create is None and not is_file(path):
            raise InputError(f"{path}: no such index; htrkit index makes one")
        if not is_folder(path.parent):
            raise InputError(f"cannot write {path}: there is no folder {path.parent}")
        if re.search(_HALF_CHARACTER, str(path)):  # the engine crashes on it
            raise InputError(f"cannot {self._use} {path}: its name is not UTF-8")
        with self.checked():
            self._connection = duckdb.connect(str(path), read_only=create is None, config=_ALONE)
        try:
            about = self._about(create)
        except BaseException:
            self.close()
            raise
        if about.get("format") != FORMAT:
            self.close()
            other = about.get("format", "")
            if other.startswith("htrkit-search "):
                raise InputError(f"{path} is an index of another version of htrkit-search: remove it, and index anew")
            raise InputError(f"{path} is no index, or damaged")
        self.model = about.get("model", "")
        try:
            self.alphabet = _alphabet(about)
        except (ValueError, TypeError) as error:
            self.close()
            raise self._damaged(error) from error
        if create is not None and (self.alphabet, self.model) != create:
            self.close()
            raise UsageError(f"{path} was made with the model {self.model!r}: name that model, or another index")

    def _about(self, create: tuple[Alphabet, str] | None) -> dict[str, str]:
        if create is not None and not self.rows(_DECLARED):
            with self.transaction():
                self.run(TABLES)
                for row in (("format", FORMAT), ("model", create[1]), *_kept(create[0])):
                    self.run("INSERT INTO about VALUES (?, ?)", row)
        declared, wanted = self.rows(_DECLARED), _declared()
        # a view, macro or generated column of a stranger's may take for ever
        if wanted[0] not in declared or not all(sql for *_, sql in declared):
            return {}
        short = "SELECT name, value FROM about WHERE strlen(name) + strlen(value) < ? LIMIT 10"
        about = dict(self.rows(short, [_LONGEST]))
        return about if declared == wanted or about.get("format") != FORMAT else {}

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query gives. Raises InputError if the file is damaged."""
        with self.checked():
            return self._connection.execute(query, list(values)).fetchall()

    def lines(self, columns: str) -> Iterator[tuple[Any, ...]]:
        """Columns of all lines, in the order in which they were written; some in memory at a time."""
        ((most,),) = self.rows("SELECT coalesce(max(rowid), -1) FROM lines")
        for first in range(0, most + 1, IN_MEMORY):
            query = f"SELECT {columns} FROM lines WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
            yield from self.rows(query, [first, first + IN_MEMORY - 1])

    def run(self, query: str, values: Sequence[Any] = ()) -> None:
        """Change something. Raises InputError if that cannot be."""
        with self.checked():
            self._connection.execute(query, list(values))

    def add(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Put rows into a table, many at once: one by one takes ten times as long."""
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            places = ", ".join([f"({', '.join('?' * len(some[0]))})"] * len(some))
            self.run(f"INSERT INTO {table} VALUES {places}", [value for row in some for value in row])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block does, or nothing of it."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    @contextmanager
    def checked(self) -> Iterator[None]:
        """What the engine says of a file becomes an InputError."""
        try:
            yield
        except duckdb.Error as error:
            for refusal in map(os.strerror, _REFUSALS):
                if f": {refusal}" in str(error):
                    raise InputError(f"cannot {self._use} {self.path}: {refusal}") from error
            said = str(error).lower()
            if isinstance(error, duckdb.IOException) and "lock" in said:
                raise InputError(f"{self.path} is in use by another program: wait until it has ended") from error
            if isinstance(error, duckdb.ConnectionException) and "configuration" in said:
                raise InputError(f"{self.path} is open here for something else: close that first") from error
            if "name too long" in said:
                raise InputError(f"cannot write {self.path}: its name is too long") from error
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError(f"{self.path} is no index, or damaged: {first_line(error)}")

    def close(self) -> None:
        """Let other programs have the file."""
        self._connection.close()

    def kept_path(self, path: Path | str) -> str:
        """A path as it is kept: relative, if it lies beside the index or below, so that both can be moved together."""
        if "://" in str(path):
            return storable(str(path))
        whole, folder = os.path.abspath(path), os.path.dirname(os.path.abspath(self.path))  # noqa: PTH100, PTH120
        beside = whole.startswith(folder.rstrip(os.sep) + os.sep)
        return storable(os.path.relpath(whole, folder) if beside else whole)

    def path_of(self, kept: str) -> Path:
        """A path that was kept."""
        return Path(os.path.abspath(self.path)).parent / original(kept)  # noqa: PTH100 - links must not be followed


def storable(name: str) -> str:
    """A name that the database can hold: file names need not be UTF-8. `original` gives back any name."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", name)


def original(stored: str) -> str:
    """What `storable` was given."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), stored)


@cache
def _declared() -> list[tuple[Any, ...]]:
    """The tables of an index, ``about`` first, as the engine says what they are."""
    with duckdb.connect() as connection:
        return connection.execute(TABLES).execute(_DECLARED).fetchall()


def _kept(alphabet: Alphabet) -> list[tuple[str, str]]:
    """Rows of ``about``: the characters, and, if labels have several of them, what these are."""
    labels = [("labels", json.dumps(alphabet.labels))] if alphabet.has_longer else []
    return [("alphabet", alphabet.characters), *labels]


def _alphabet(about: dict[str, str]) -> Alphabet:
    """The alphabet that was kept. Raises ValueError or TypeError if it is none."""
    return Alphabet(json.loads(about["labels"]) if "labels" in about else about.get("alphabet", ""))
