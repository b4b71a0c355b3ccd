"""Plain text files, line by line, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from htrkit.errors import InputError

STDIN = Path("-")

_OPENERS: dict[str, Callable[..., IO[str]]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}


def lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 text file without their ends; ``-`` is standard input, .gz, .xz and .bz2 are unpacked.

    Raises
    ------
    InputError
        If it cannot be read, or is not UTF-8.
    """
    try:
        if path == STDIN:
            yield from (line.rstrip("\r\n") for line in sys.stdin)
            return
        with _OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8-sig") as file:
            yield from (line.rstrip("\r\n") for line in file)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}: {error.reason}); convert it first") from None
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def lines_of(paths: Iterable[Path]) -> Iterator[str]:
    """The lines of several files, one after the other."""
    for path in paths:
        yield from lines(path)
