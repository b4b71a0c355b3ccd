"""The pictures of files with several pages, such as PDFs: drawn once into the hidden folder, to be had one by one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from htrkit import InputError
from htrkit.pages.images import SUFFIXES
from htrkit_desk.found import stat_of
from htrkit_desk.pictures import Size

DONE = "pages.json"


def folder_of(hidden: Path, root: Path, file: Path) -> Path:
    """Where the pictures of a file are, as it is now."""
    key = repr((file.relative_to(root).as_posix(), stat_of(file)))
    return hidden / "unpacked" / hashlib.sha256(key.encode()).hexdigest()[:24]


def count(hidden: Path, root: Path, file: Path) -> int | None:
    """How many pages a file has; None if it has not been unpacked."""
    known = failures(hidden, root, file)
    return None if known is None else len(known)


def failures(hidden: Path, root: Path, file: Path) -> list[str | None] | None:
    """Why each page of a file could not be drawn, None where it was; None if the file has not been unpacked."""
    try:
        found = json.loads((folder_of(hidden, root, file) / DONE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, list) and found else None


def picture(hidden: Path, root: Path, file: Path, number: int) -> Path:
    """The picture of a page.

    Raises
    ------
    InputError
        If there is none, or not yet.
    """
    known = failures(hidden, root, file)
    if known is None:
        raise InputError(f"the pages of {file.name} are being drawn: wait a moment")
    if why := known[number - 1]:
        raise InputError(why)
    return folder_of(hidden, root, file) / f"{number:05}.png"


def is_image(path: Path) -> bool:
    """Whether a file is called like an image."""
    return path.suffix.lower() in SUFFIXES


def is_image_alone(size: Size | str, path: Path) -> bool:
    """Whether a file is an image that cannot be read, rather than something with pages to be drawn."""
    return isinstance(size, str) and is_image(path)
