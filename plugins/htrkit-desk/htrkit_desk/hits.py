"""Where words probably stand though something else was read, by the index that htrkit-search made of the folder."""

from __future__ import annotations

import os
import re
import shlex
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from htrkit import HtrkitError
from htrkit.geometry import bounds
from htrkit.quoting import reason
from htrkit_desk.found import Entry, Stat, inside, stat_of
from htrkit_desk.project import Project
from htrkit_desk.search import pattern_of
from htrkit_desk.sheet import SheetLine

if TYPE_CHECKING:
    from htrkit_search import Hit, Index

NAME = "index.duckdb"
"""What ``htrkit index`` calls the index of a folder."""
MOST = 100
ASKED = 1000
"""Hits that the index is asked for: many may be on lines that are found in the texts, or were corrected."""
KEPT = 5.0
"""Seconds in which an index stays open after a search; until then nobody can write to it."""


class Hits:
    """Asks the index of a project, one question at a time; it is opened for the first, and again when it changes."""

    def __init__(self, project: Project) -> None:
        self._project, self._path = project, project.root / NAME
        self._lock = threading.RLock()
        self._index: Index | None = None
        self._stat: Stat | None = None
        self._closing = threading.Timer(0, self.close)

    def json(self, wanted: str) -> dict[str, Any]:
        """The lines, `MOST` at most, the surest first, and what is to be said of the index, as the browser gets it."""
        said: dict[str, Any] = {"hits": [], "problem": None, "index": None, "changed": 0, "command": ""}
        try:
            import htrkit_search  # noqa: F401 - it takes a while, and need not be installed
        except ImportError:
            return said
        said["command"] = shlex.join(["htrkit", "index", str(self._project.root)])
        stat = stat_of(self._path)
        if stat is None or not inside(self._project.root, self._path):
            return said | {"index": "missing"}
        entries = self._project.entries()
        said |= {"index": "there", "changed": sum(_is_newer(entry, stat) for entry in entries)}
        try:
            found = self._search(wanted, stat) if wanted.strip() else []
        except HtrkitError as error:
            return said | {"problem": reason(error)}
        return said | {"hits": [*islice(self._on_lines(found, wanted, entries), MOST)]}

    def close(self) -> None:
        """Let others write to the index."""
        with self._lock:
            self._closing.cancel()
            if self._index is not None:
                self._index.close()
            self._index = None

    def _search(self, wanted: str, stat: Stat) -> Sequence[Hit]:
        from htrkit_search import Index

        with self._lock:
            if stat != self._stat:
                self.close()
            self._closing.cancel()
            try:
                if self._index is None:
                    self._stat, self._index = stat, Index.open(self._path)
                return self._index.search(wanted, limit=ASKED)
            finally:
                self._closing = threading.Timer(KEPT, self.close)
                self._closing.daemon = True
                self._closing.start()

    def _on_lines(self, found: Sequence[Hit], wanted: str, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
        """Those hits whose lines are still where they were, and on which nobody and nothing has read what is wanted."""
        pattern, sheets = pattern_of(wanted), dict[str, dict[str, SheetLine]]()
        described = {os.path.normpath(entry.described): entry for entry in entries if entry.described}
        for hit in found:
            entry = described.get(str(hit.source))
            if entry is None or hit.box is None or not self._is_open(entry, hit.line_id, pattern):
                continue
            if entry.id not in sheets:
                sheets[entry.id] = self._lines(entry)
            line = sheets[entry.id].get(hit.line_id)
            if line is None or line.state == "corrected" or not _is_on(hit.box, line):
                continue
            text = line.text or hit.text
            yield {"page": entry.id, "line": line.id, "text": text, "box": hit.box, "confidence": hit.confidence}

    def _is_open(self, entry: Entry, line: str, pattern: re.Pattern[str]) -> bool:
        """Whether something else was read on a line, and the page has one not corrected: known without opening it."""
        known = self._project.summary(entry)
        found = any(id_ == line and pattern.search(text) for id_, text, _ in known.texts)
        return known.corrected < known.lines and not found

    def _lines(self, entry: Entry) -> dict[str, SheetLine]:
        try:
            return {line.id: line for line in self._project.document(entry).sheet(words=False).lines}
        except HtrkitError:
            return {}


def _is_newer(entry: Entry, stat: Stat) -> bool:
    """Whether a page was changed after a file."""
    return any(found[1] > stat[1] for path in (entry.file, entry.described) if (found := stat_of(path)))


def _is_on(box: tuple[int, int, int, int], line: SheetLine) -> bool:
    """Whether the middle of a box is on a line, which may be another one of the same id by now."""
    if not line.polygon:
        return False
    left, top, right, bottom = bounds(line.polygon)
    return left <= (box[0] + box[2]) / 2 <= right and top <= (box[1] + box[3]) / 2 <= bottom
