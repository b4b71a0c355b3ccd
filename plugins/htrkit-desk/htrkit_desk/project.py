"""A project: a folder of pictures with PAGE XML beside them; all that is known of it is in its files."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from htrkit import HtrkitError, InputError
from htrkit.files import whole
from htrkit.pages.xml.document import MAX_BYTES
from htrkit.quoting import reason
from htrkit_desk import settings, versions
from htrkit_desk.document import NEW, Document, version_of
from htrkit_desk.found import Entry, Looker, entries, inside, is_text, stat_of
from htrkit_desk.index import Index, Summary, summary_of
from htrkit_desk.pictures import Picture, Size, measure
from htrkit_desk.sheet import Sheet
from htrkit_desk.unpacked import Unpacked, is_image_alone

HIDDEN = ".htrkit"


class ConflictError(HtrkitError):
    """A page is not what whoever saves it has seen."""


class UnknownError(InputError):
    """There is no such page, line, job or version."""


class Project:
    """A folder of pages.

    Parameters
    ----------
    root
        The folder.

    Raises
    ------
    InputError
        If there is none, nothing can be written into it, or its hidden folder is a link or holds one.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise InputError(f"{root}: no such folder")
        self.root = root.absolute()
        self.hidden = self.root / HIDDEN
        self.unfinished = self.hidden / "unfinished"
        try:
            self.hidden.mkdir(exist_ok=True)
            link = _link_in(self.hidden)
        except OSError as error:
            raise InputError(f"cannot write into {root}: {error.strerror or error}") from None
        if link is not None:
            raise InputError(f"{link} is a link, through which files elsewhere would be lost: take it away")
        if not inside(self.root, self.hidden):
            raise InputError(f"{self.hidden} leads out of the folder: take it away")
        self.lock = threading.RLock()
        self.index = Index(self.hidden / "index.json")
        self.unpacked = Unpacked(self.hidden, self.root)
        self.told: Callable[[str, dict[str, Any]], None] = lambda kind, said: None
        self._looker = Looker(self.root)
        self._entries: dict[str, Entry] = {}
        self._sizes: dict[tuple[Path, object], Size | str] = {}
        self.look()

    @property
    def settings(self) -> settings.Settings:
        """What it is read with, as its file says now."""
        return settings.load(self.root)

    def choose(self, **values: Any) -> None:
        """Change settings."""
        with self.lock:
            settings.save(self.root, replace(self.settings, **values))

    def look(self) -> bool:
        """Look through the folder; whether pages have come, gone or changed."""
        with self.lock:
            files = self._looker.files()
            counts: dict[Path, int] = {}
            self.to_unpack: list[Path] = []
            for one in files:
                if one.describes or not is_text(one.path.relative_to(self.root)):
                    continue
                size = self._size(one.path)
                if _is_one(size):
                    continue
                drawn = self.unpacked.of(one.path)
                if not drawn.whole and not is_image_alone(size, one.path):
                    self.to_unpack.append(one.path)
                counts[one.path] = drawn.count
            left_out = set(self.settings.left_out)
            found = {one.id: one for one in entries(self.root, files, counts) if one.id not in left_out}
            changed = found != self._entries
            self._entries = found
            if changed:
                self.unpacked.keep_only(counts)
            self.index.keep_only(found)
            return changed

    def entries(self) -> list[Entry]:
        """The pages, as of the last look."""
        return list(self._entries.values())

    def pages_of(self, id_: str) -> list[str]:
        """The pages that an id means: that of a file whose pages were not drawn, all of them by now."""
        if id_ in self._entries:
            return [id_]
        return [one.id for one in self.entries() if one.several and one.file == self.root / id_] or [id_]

    def is_to_come(self, entry: Entry) -> bool:
        """Whether a page stands for those of a file that are not drawn yet."""
        return entry.file in self.to_unpack and not entry.several

    def entry(self, id_: str) -> Entry:
        """A page. Raises UnknownError if there is none of that id."""
        found = self._entries.get(id_)
        if found is None:
            self.look()
            found = self._entries.get(id_)
        if found is None:
            raise UnknownError(f"there is no page {id_[:200]!r}")
        return found

    def picture(self, entry: Entry) -> Picture:
        """The picture of a page. Raises InputError if it has none that can be read."""
        if entry.file is None:
            raise InputError(f"{entry.id}: its image is not beside it")
        if not is_text(entry.file.relative_to(self.root)):
            raise InputError(f"{entry.id}: its name is no text: rename it")
        stored = entry.file
        size = self._size(entry.file)
        if not _is_one(size) and not is_image_alone(size, entry.file):
            stored = self.unpacked.picture(entry.file, entry.number)
            size = self._size(stored)
        if isinstance(size, str):
            raise InputError(f"{entry.id}: {size}")
        return Picture(entry.file, entry.number, size, stored)

    def known(self, entry: Entry) -> Summary | None:
        """What the list says of a page, if it is known without opening it."""
        return self.index.get(entry.id, self.key(entry))

    def summary(self, entry: Entry) -> Summary:
        """What the list says of a page."""
        key = self.key(entry)
        known = self.index.get(entry.id, key)
        if known is None:
            try:
                document = self.document(entry)
                size = document.picture.size
                known = summary_of(size.width, size.height, document.sheet(words=False))
            except HtrkitError as error:
                known = Summary(failed=reason(error).removeprefix(f"{entry.id}: "))
            self.index.put(entry.id, key, known)
        return known

    def document(self, entry: Entry) -> Document:
        """The document of a page, as its file says now. Raises InputError if it or the picture cannot be read."""
        picture = self.picture(entry)
        data = self._content(entry)
        if data is None:
            return Document.new(picture)
        return Document.read(data, entry.described or entry.kept, picture)

    def save(self, entry: Entry, version: str, sheet: Sheet) -> Document:
        """Bring a page's file to what a sheet says.

        Raises
        ------
        ConflictError
            If the file is of another version by now.
        """
        with self.lock:
            document = self.document(entry)
            if document.version != version:
                raise ConflictError("the page has been changed elsewhere since it was opened here")
            document.put(sheet)
            return self.write(entry, document.data())

    def write(self, entry: Entry, data: bytes) -> Document:
        """Give a page's file another content; what it was before is kept."""
        with self.lock:
            path = entry.kept
            if not inside(self.root, path):
                raise InputError(f"{entry.id}: its PAGE XML would lie outside the folder")
            before = self._content(entry)
            try:
                if before is not None:
                    versions.keep(self.versions_of(entry), before)
                path.parent.mkdir(exist_ok=True)
                self.unfinished.mkdir(parents=True, exist_ok=True)
                with whole(path, room=self.unfinished) as part:
                    part.write_bytes(data)
            except OSError as error:
                raise InputError(f"cannot write {path}: {error.strerror or error}") from None
            self._entries[entry.id] = entry = replace(entry, described=path)
            self.told("page", {"id": entry.id})
            return self.document(entry)

    def remove(self, entry: Entry) -> None:
        """Take a page out: its files go to the hidden folder; of a file with several pages, it is only left out."""
        with self.lock:
            if entry.several:
                self.choose(left_out=(*self.settings.left_out, entry.id))
            else:
                bin_ = self.hidden / "deleted" / f"{time.time_ns()}"
                for path in dict.fromkeys((entry.file, entry.described, entry.kept)):
                    if path is not None and path.exists():
                        target = bin_ / path.relative_to(self.root)
                        target.parent.mkdir(parents=True, exist_ok=True)
                        path.replace(target)
            self.look()

    def versions_of(self, entry: Entry) -> Path:
        """The folder of a page's earlier contents."""
        return self.hidden / "versions" / entry.id

    def _content(self, entry: Entry) -> bytes | None:
        for path in dict.fromkeys((entry.kept, entry.described)):
            if path is not None and path.exists():
                if not inside(self.root, path):
                    raise InputError(f"{entry.id}: {path.name} is a link out of the folder")
                try:
                    if path.stat().st_size > MAX_BYTES:
                        raise InputError(f"{entry.id}: {path.name} is far larger than the description of a page")
                    return path.read_bytes()
                except OSError as error:
                    raise InputError(f"{entry.id}: {path.name} cannot be read: {error.strerror or error}") from None
        return None

    def _size(self, path: Path) -> Size | str:
        """The size of an image, or why it has none."""
        key = (path, stat_of(path))
        if key not in self._sizes:
            try:
                self._sizes[key] = measure(path)
            except InputError as error:
                self._sizes[key] = str(error)
        return self._sizes[key]

    def key(self, entry: Entry) -> str:
        """What tells whether a page is as it was."""
        drawn = None
        if entry.file is not None and not _is_one(self._size(entry.file)):
            drawn = self.unpacked.of(entry.file).has(entry.number)
        return repr((stat_of(entry.file), stat_of(entry.described), drawn, entry.number))

    def version(self, entry: Entry) -> str:
        """The version of a page's file."""
        data = self._content(entry)
        return NEW if data is None else version_of(data)


def _link_in(hidden: Path) -> Path | None:
    """A link in the hidden folder, or the folder itself: what is thrown away there would be thrown away elsewhere."""
    if hidden.is_symlink():
        return hidden
    folders = [hidden]
    while folders:
        with suppress(FileNotFoundError), os.scandir(folders.pop()) as found:  # another desk may be at work there
            for one in found:
                if one.is_symlink():
                    return Path(one.path)
                # a deleted page may have been a link itself
                if one.is_dir(follow_symlinks=False) and Path(one.path) != hidden / "deleted":
                    folders.append(Path(one.path))
    return None


def _is_one(size: Size | str) -> bool:
    """Whether a file is one image."""
    return isinstance(size, Size) and size.pages == 1
