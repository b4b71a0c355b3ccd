"""Plain text files in UTF-8, line by line, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import IO, Any

from htrkit.errors import InputError

STDIN = Path("-")
# Bytes of one line. Corpora of 100 MB without a line end exist; a small compressed file may unpack to anything.
LONGEST_LINE = 1 << 27
BYTE_ORDER_MARK = "\ufeff"

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}


def lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 text file without their ends; ``-`` is standard input, .gz, .xz and .bz2 are unpacked.

    Byte order marks at the start of lines are dropped: files that were joined have several.

    Raises InputError if it cannot be read, is not UTF-8, or has a line of more than `LONGEST_LINE` bytes.
    """
    try:
        with _opened(path) as file:
            for number, row in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=1):
                if len(row) == LONGEST_LINE and not row.endswith(b"\n"):
                    raise InputError(f"{path}: line {number} has more than {LONGEST_LINE >> 20} MB: is it a text?")
                yield from _decoded(row, path, number)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def lines_of(paths: Iterable[Path]) -> Iterator[str]:
    """The lines of several files, one after the other."""
    return chain.from_iterable(map(lines, paths))


def _opened(path: Path) -> AbstractContextManager[IO[bytes]]:
    if path != STDIN:
        opener = _OPENERS.get(path.suffix.lower(), open)
        file: IO[bytes] = opener(path, "rb")
        return file
    if sys.stdin is None:
        raise InputError("standard input is closed: name a file instead of -")
    return nullcontext(sys.stdin.buffer)


def _decoded(row: bytes, path: Path, number: int) -> list[str]:
    """The line in a row of bytes, or the lines: a lone carriage return ends one too."""
    try:
        text = row.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (line {number}, byte {error.start + 1}); save it as UTF-8") from None
    return text.removeprefix(BYTE_ORDER_MARK).rstrip("\r\n").split("\r")
