"""Nothing is written over that somebody may still want."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from htrkit.errors import UsageError
from htrkit.files import is_file, is_stream


def check_free(*paths: Path | None, force: bool) -> None:
    """Refuse to write over files that are there; what is no regular file is written to.

    Raises
    ------
    UsageError
        If a path is such a file, without ``force``.
    """
    for path in paths:
        if path is not None and not force and is_file(path) and not is_stream(path):
            raise UsageError(f"{path} is there already: --force writes over it")


def check_file(path: Path | None, *, force: bool) -> None:
    """Refuse, before anything is read, what can never become a file, and to write over one.

    Raises
    ------
    UsageError
        As `check_free`; also if it is a folder, or is to lie in one that does not exist.
    """
    check_free(path, force=force)
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        problem = "it is a folder; name a file" if path.is_dir() else f"there is no folder {path.parent}"
        raise UsageError(f"cannot write {path}: {problem}")


def check_apart(files: Iterable[str], outputs: Iterable[Path | None]) -> None:
    """Refuse to write over a scan that is read; descriptions of pages, in XML, may be written anew.

    Raises
    ------
    UsageError
        If an output is such a file.
    """
    read = {os.path.realpath(file) for file in files}
    for path in outputs:
        if path is not None and os.path.realpath(path) in read and path.suffix.lower() != ".xml" and is_file(path):
            raise UsageError(f"{path} is what is read: name another place for the results")
