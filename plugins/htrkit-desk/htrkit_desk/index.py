"""What is known of each page without opening it: sizes, counts and texts, kept until its files change."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from htrkit.files import put_sealed, sealed
from htrkit_desk.sheet import Sheet

VERSION = 1
EVERY = 20.0
"""Seconds between two writings of the index, which can always be made again."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A page in the list.

    Attributes
    ----------
    width, height
        Of its picture; 0 if it has none that can be read.
    texts
        Id, text and confidence of each line that has a text.
    failed
        Why it cannot be shown.
    """

    width: int = 0
    height: int = 0
    lines: int = 0
    read: int = 0
    corrected: int = 0
    finished: bool = False
    failed: str | None = None
    texts: tuple[tuple[str, str, float | None], ...] = ()

    def json(self, id_: str) -> dict[str, Any]:
        """As the browser gets it."""
        counts = {"lines": self.lines, "read": self.read, "corrected": self.corrected}
        size = {"width": self.width, "height": self.height}
        return {"id": id_, "name": id_, **size, **counts, "finished": self.finished, "failed": self.failed}


def summary_of(width: int, height: int, sheet: Sheet) -> Summary:
    """The summary of a page."""
    texts = tuple((line.id, line.text, line.confidence) for line in sheet.lines if line.text)
    counts = (len(sheet.lines), sheet.count("read"), sheet.count("corrected"))
    return Summary(width, height, *counts, sheet.finished, None, texts)


class Index:
    """Summaries by page, each with a key of what its files were; on the disk too, for the next start."""

    def __init__(self, path: Path) -> None:
        self._path, self._written, self._changed = path, time.monotonic(), False
        self._known: dict[str, tuple[str, Summary]] = {}
        try:
            values = json.loads(sealed(path))
            if values["version"] == VERSION:
                for id_, (key, fields) in values["pages"].items():
                    texts = tuple((a, b, c) for a, b, c in fields.pop("texts"))
                    self._known[id_] = (key, Summary(**fields, texts=texts))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self._known = {}

    def get(self, id_: str, key: str) -> Summary | None:
        """The summary of a page, if it was made when its files were as ``key`` says."""
        known = self._known.get(id_)
        return known[1] if known and known[0] == key else None

    def put(self, id_: str, key: str, summary: Summary) -> None:
        """Keep a summary."""
        self._known[id_] = (key, summary)
        self._changed = True

    def keep_only(self, ids: Iterable[str]) -> None:
        """Forget the other pages."""
        wanted = set(ids)
        for id_ in [id_ for id_ in list(self._known) if id_ not in wanted]:
            self._known.pop(id_, None)

    def write(self, *, now: bool = False) -> None:
        """Write what is new to the disk, unless that was done a moment ago."""
        if not self._changed or (not now and time.monotonic() - self._written < EVERY):
            return
        pages: Mapping[str, object] = {id_: (key, asdict(summary)) for id_, (key, summary) in list(self._known.items())}
        try:
            put_sealed(self._path, json.dumps({"version": VERSION, "pages": pages}, ensure_ascii=False).encode())
        except OSError:  # it only saves time
            return
        self._written, self._changed = time.monotonic(), False
