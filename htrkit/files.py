"""Files that are there whole or not at all, and the user's folder for what can be computed again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; the file takes the name ``path`` once the block has ended well.

    If the block fails, or is interrupted, nothing is left of it, and what ``path`` held before stays. The name ends as
    ``path`` does, for libraries that look at the suffix. For one writer at a time.

    Raises
    ------
    OSError
        If the file cannot be written; it is the caller who knows what to say then.
    """
    part = path.with_name("part-" + path.name)
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def user_cache() -> Path:
    """``htrkit`` in the user's folder for what can be computed again: ``$XDG_CACHE_HOME``, or ``~/.cache``.

    Raises
    ------
    RuntimeError
        If there is no home folder.
    """
    home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    return (Path(home) if home else Path.home() / ".cache") / "htrkit"
