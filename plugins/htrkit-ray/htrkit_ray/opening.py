"""Files become pages, as a stage of Ray's."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from fsspec.core import url_to_fs

from htrkit.files import digest
from htrkit.processes import LostError
from htrkit_ray.actor import Actor
from htrkit_ray.plan import Entry, Plan
from htrkit_ray.rows import Row, entries, lost, table
from htrkit_ray.sandbox import unpacked


class OpenFiles(Actor):
    """Takes rows of a file's first page, with what is known of its pages, as JSON."""

    keeps_pages = False
    """Whether a page stays in the process that opened it."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, warm=self.keeps_pages)
        self._next: tuple[str, int] | None = None  # what the process gives when it is asked for a page
        self._folder = ""
        self._local: dict[str, str] = {}

    def __call__(self, files: pa.Table) -> Iterator[pa.Table]:
        """The pages of some files, one by one."""
        with self.fetching():
            for row in self.pages(files):
                yield table([row])

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """A folder for files from elsewhere, while the block runs."""
        with tempfile.TemporaryDirectory() as self._folder:
            yield
        self._local.clear()

    def pages(self, files: pa.Table) -> Iterator[Row]:
        """The pages of some files, while `fetching`."""
        for first, data in entries(files):
            known = {one["number"]: Entry(**one) for one in json.loads(data)}
            waiting: Row | None = None
            for found in self._pages(first, known):  # which page is the last is known when there is no other
                if waiting:
                    yield waiting
                waiting = found
            if waiting:
                yield replace(waiting[0], last=True), waiting[1]

    def page(self, file: str, number: int) -> dict[str, Any]:
        """A page of a file; nothing if there is none. Raises LostError if the process is lost on it."""
        if self._next != (file, number):
            self.sandbox.ask("open", file, self._local[file], number - 1)
        self._next = None
        answer = self.sandbox.ask("page", self.keeps_pages)
        if "failure" not in answer:
            self._next = file, number + 1
        return answer

    def _pages(self, first: Entry, known: dict[int, Entry]) -> Iterator[Row]:
        key = ""
        with suppress(Exception):  # file systems raise what their libraries do; opening the file says what is wrong
            key = _key(first.file)
        done = list(_run_of(known, key))
        if done and done[-1].last and all(map(self.stands, done)):
            yield from ((replace(one, how="before"), b"") for one in done)
            return
        if reason := self._fetch(first.file):
            yield lost(first, f"cannot be fetched: {reason}", 2)
            return
        number, torn = 1, False
        while not torn and (answer := self._page(first.file, number)):
            stem = first.stem if answer["page"] == first.file else f"{first.stem}#{number}"
            entry = replace(first, key=key, number=number, page=answer["page"], stem=stem, tries=answer["tries"])
            yield self._found(entry, answer, known)
            number, torn = number + 1, "torn" in answer

    def _fetch(self, file: str) -> str:
        """Have a file on this machine, or say why not."""
        self._local[file] = file
        if "://" not in file:
            return ""
        self._local[file] = str(Path(tempfile.mkdtemp(dir=self._folder), PurePosixPath(urlsplit(file).path).name))
        for _ in range(2):
            try:
                return str(self.sandbox.ask("fetch", file, self._local[file])["failure"])
            except LostError as error:
                reason = str(error)
        return reason

    def _page(self, file: str, number: int) -> dict[str, Any]:
        """A page of a file; nothing if there is none; a failure if it failed twice."""
        answer: dict[str, Any] = {}
        for tries in (1, 2):
            try:
                answer = self.page(file, number)
            except LostError as error:
                name = file if number == 1 else f"{file}#{number}"
                answer = {"page": name, "failure": f"{error}; so are pages behind it", "torn": True}
            if "failure" not in answer:
                return answer and answer | {"tries": tries}
        return answer | {"tries": 2}

    def _found(self, entry: Entry, answer: dict[str, Any], known: dict[int, Entry]) -> Row:
        if "failure" in answer:
            return lost(entry, answer["failure"], entry.tries)
        content = answer["content"]
        key = entry.key if answer["alone"] else ""
        entry = replace(entry, key=key, content=content, results=digest(content, self.plan.results_digest))
        before = known.get(entry.number)
        if before and before.results == entry.results and self.stands(before):
            return replace(before, how="before", last=False), b""
        return entry, unpacked(answer, "data")


def _run_of(known: dict[int, Entry], key: str) -> Iterator[Entry]:
    """The pages of a file from the first on that are known, as long as it is the same file."""
    number = 1
    while key and number in known and known[number].key == key:
        yield known[number]
        if known[number].last:
            return
        number += 1


def _key(file: str) -> str:
    """What changes when a file does, as far as its file system tells without reading it."""
    system, path = url_to_fs(file)
    return str(system.ukey(path))
