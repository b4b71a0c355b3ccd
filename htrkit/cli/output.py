"""Where results go: standard output, or a file that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from htrkit.cli import terminal
from htrkit.errors import InputError


@contextmanager
def results_to(path: Path | None) -> Iterator[IO[str]]:
    """A stream for results; with a path, what was written takes that name only when the block has ended well.

    Otherwise it stays beside it as ``NAME.part``, and standard error says so, so that nothing read is lost.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        stream = part.open("w", encoding="utf-8", errors="surrogateescape", newline="\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        if part.stat().st_size:
            terminal.note(f"what was read so far is in {part}")
        else:
            part.unlink()
        raise
    part.replace(path)
