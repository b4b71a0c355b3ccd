"""Earlier contents of a page's file, in a hidden folder: the last ones, for going back."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from htrkit.files import whole
from htrkit_desk.document import version_of

KEPT = 20
_NAME = re.compile(r"(\d{8}T\d{12})-([0-9a-f]{16})\.xml")


@dataclass(frozen=True, slots=True)
class Version:
    """A content that a page's file had until ``when``, in UTC."""

    version: str
    when: str
    path: Path


def keep(folder: Path, data: bytes) -> None:
    """Keep the content of a page's file, and drop the oldest ones."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    version = version_of(data)
    known = kept(folder)
    if known and known[0].version == version:
        return
    with whole(folder / f"{now:%Y%m%dT%H%M%S%f}-{version}.xml", sync=False) as part:
        part.write_bytes(data)
    for old in known[KEPT - 1 :]:
        old.path.unlink(missing_ok=True)


def kept(folder: Path) -> list[Version]:
    """What is kept, the newest first."""
    found = [(path, _NAME.fullmatch(path.name)) for path in folder.glob("*.xml")] if folder.is_dir() else []
    versions = []
    for path, name in found:
        if name:
            with suppress(ValueError):  # somebody else's file: there is no such day
                when = datetime.strptime(name[1], "%Y%m%dT%H%M%S%f")
                versions.append(Version(name[2], f"{when:%Y-%m-%dT%H:%M:%SZ}", path))
    return sorted(versions, key=lambda one: one.path.name, reverse=True)
