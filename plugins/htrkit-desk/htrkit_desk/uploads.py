"""Files that a browser sends: under a name that is safe everywhere, checked, and then in the folder whole."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from htrkit import HtrkitError, InputError
from htrkit.files import file_digest
from htrkit.pages.sources import Sources
from htrkit.pages.xml.document import MAX_BYTES, name_of, root_in
from htrkit.quoting import first_line
from htrkit_desk.found import PAGE_FOLDER
from htrkit_desk.pictures import measure
from htrkit_desk.unpacked import is_image

LONGEST = 200
"""Bytes of a name; systems take 255, and a page's other files add to it."""
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*#%]')
_NAMING = threading.Lock()
"""Held while a file gets its name, so that no other one takes that name meanwhile."""
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$")


def safe_name(name: str) -> str:
    """The last part of a path from any system, as a name that every system takes.

    Raises
    ------
    InputError
        If nothing is left of it.
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in ("Cs", "Cf", "Cc"))
    kept = _FORBIDDEN.sub("_", kept).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    suffix = suffix[:10]
    room = LONGEST - len(f"{dot}{suffix}".encode())
    kept = f"{_cut(stem, room).rstrip(' .')}{dot}{suffix}" if stem else _cut(kept, LONGEST)
    kept = kept.rstrip(" .")
    if not kept or not re.search(r"\w", kept):
        raise InputError(f"{name[:80]!r} cannot be the name of a file")
    return f"_{kept}" if _RESERVED.match(kept) else kept


def _cut(text: str, most: int) -> str:
    """The beginning of a text, of so many bytes at most."""
    return text.encode()[:most].decode(errors="ignore")


def take(root: Path, name: str, content: BinaryIO) -> Path:
    """Put a file into the folder; one that is there already, under the same name, stays.

    Raises
    ------
    InputError
        If it is no file that htrkit reads pages from, or cannot be written.
    """
    wanted = safe_name(name)
    # a name of its own, as others may send one of the same name at the same time
    part = root / ".htrkit" / "incoming" / f"{secrets.token_hex(8)}{Path(wanted).suffix}"
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        described = _check(part, wanted)
        with _NAMING:
            target = root / wanted
            if described and (root / PAGE_FOLDER / wanted).exists():  # which would no longer be shown
                raise InputError(f"{PAGE_FOLDER}/{wanted} is there already")
            if target.exists() or target.is_symlink():
                if described or file_digest(target) == file_digest(part):
                    raise InputError(f"{wanted} is there already")
                target = _other_name(target)
            part.replace(target)
    except OSError as error:
        raise InputError(f"{wanted} cannot be kept: {error.strerror or first_line(error)}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def _check(part: Path, name: str) -> bool:
    """Whether a file describes an image; refuse what is no page."""
    if Path(name).suffix.lower() == ".xml":
        if part.stat().st_size > MAX_BYTES:
            raise InputError("far larger than the description of a page; split it")
        root = root_in(part.read_bytes(), Path(name))
        if name_of(root) not in ("PcGts", "alto"):
            raise InputError(f"its root is {name_of(root)[:80]}, which is neither PAGE nor ALTO")
        return True
    if is_image(Path(name)):
        measure(part)
    elif Sources().of(part) is None:
        raise InputError("no image, and nothing else that htrkit reads pages from")
    return False


def _other_name(path: Path) -> Path:
    number = 2
    while (other := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists() or other.is_symlink():
        number += 1
    return other


def added(root: Path, files: Iterable[tuple[str, BinaryIO]]) -> tuple[list[Path], list[dict[str, str]]]:
    """What files have become, and those that were refused, each with why."""
    paths, failed = [], []
    for name, content in files:
        try:
            paths.append(take(root, name, content))
        except HtrkitError as error:
            failed.append({"name": name[:LONGEST], "reason": str(error)})
    return paths, failed
