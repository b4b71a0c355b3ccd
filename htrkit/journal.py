"""A journal of what is done, on the disk: long work that is killed goes on where it was."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Generic, TypeVar

from htrkit.errors import HtrkitError

Row = TypeVar("Row")


class Journal(Generic[Row]):
    """Rows appended to a file of JSON lines as they come, so that a run that is killed goes on where it was.

    Raises HtrkitError if the file cannot be read or written.

    Parameters
    ----------
    path
        The file; ``rows`` has what it holds from an earlier run. Half a row at its end is cut off; a row that is
        damaged ends the journal before it, with a warning.
    parse
        A row from its JSON value. A ValueError, TypeError, KeyError or the like says that it is none.
    values
        The JSON value of a row.
    """

    def __init__(self, path: Path, parse: Callable[[object], Row], values: Callable[[Row], object]) -> None:
        self.path = path
        self.rows: list[Row] = []
        self._values = values
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("a+b")
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._file.seek(0)
            self._file.truncate(self._read(parse))
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise self._unusable(error) from error
            raise

    def _read(self, parse: Callable[[object], Row]) -> int:
        """Take the rows that are whole; how many bytes they are."""
        size = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            try:
                row = parse(json.loads(line))
            except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
                warnings.warn(
                    f"{self.path} is damaged after {len(self.rows)} rows, which are kept; the others are done again",
                    stacklevel=3,
                )
                break
            self.rows.append(row)
            size += len(line)
        return size

    def add(self, row: Row) -> None:
        """Keep a row. Raises HtrkitError if it cannot be written."""
        try:
            self._file.write(json.dumps(self._values(row)).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._unusable(error) from error
        self.rows.append(row)

    def close(self) -> None:
        """Leave the file for a later run."""
        with suppress(OSError):  # of the half row that `add` could not write, which was said then
            self._file.close()

    def remove(self) -> None:
        """Remove the file: all is done."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _unusable(self, error: OSError) -> HtrkitError:
        return HtrkitError(f"cannot keep what is done in {self.path}: {error.strerror or error}")
