"""One server a folder: two would do its jobs twice, and each would call those of the other interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from htrkit import InputError


@contextmanager
def alone(hidden: Path, address: str) -> Iterator[None]:
    """Have a project's hidden folder for oneself, until the block or the process ends, however that ends.

    Raises
    ------
    InputError
        If another server has it; the message gives its address.
    """
    note = hidden / "address.txt"
    lock = FileLock(hidden / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        where = ""
        with suppress(OSError, UnicodeDecodeError):
            where = f" at {note.read_text('utf-8')[:200]}"
        raise InputError(f"{hidden.parent} is served already{where}") from None
    except OSError as error:
        raise InputError(f"cannot write into {hidden}: {error.strerror or error}") from None
    with suppress(OSError):
        note.write_text(address, encoding="utf-8")
    try:
        yield
    finally:
        lock.release()
