"""The stages as Ray's actors: files become pages, and pages results. A page is a row: its `Entry`, and data."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from fsspec.core import url_to_fs

from htrkit.files import digest
from htrkit.processes import LostError
from htrkit.quoting import one_line
from htrkit_ray.plan import Entry, Plan
from htrkit_ray.sandbox import Sandbox, unpacked
from htrkit_ray.store import Store

PAGES, LOG_PROBS = "pages", "log-probs"
"""The folders of the files of results, and of the network's outputs."""
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
"""Environment variables that keep each process on its core."""
SETTLED = ("before", "failed")
ROW = pa.schema([("entry", pa.string()), ("data", pa.binary())])


class Actor:
    """What all stages have: a process for the work, and the store.

    Parameters
    ----------
    plan
        What is done.
    warm
        As of `Sandbox`.
    """

    def __init__(self, plan: Plan, *, warm: bool) -> None:
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
        self.plan, self.store, self.sandbox = plan, Store(plan.dest), Sandbox(plan, warm=warm)


class OpenFiles(Actor):
    """Files become pages; takes rows of a file's first page, with what is known of its pages, as JSON."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, warm=False)
        self._next: tuple[str, int] | None = None  # what the process gives when it is asked for a page

    def __call__(self, files: pa.Table) -> Iterator[pa.Table]:
        """The pages of some files, one by one."""
        for first, data in entries(files):
            known = {one["number"]: Entry(**one) for one in json.loads(data)}
            waiting: tuple[Entry, bytes] | None = None
            for found in self._pages(first, known):  # which page is the last is known when there is no other
                if waiting:
                    yield table([waiting])
                waiting = found
            if waiting:
                yield table([(replace(waiting[0], last=True), waiting[1])])

    def _pages(self, first: Entry, known: dict[int, Entry]) -> Iterator[tuple[Entry, bytes]]:
        key = ""
        with suppress(OSError):  # opening the file says what is wrong
            key = _key(first.file)
        done = list(_run_of(known, key))
        if done and done[-1].last and all(map(self._stands, done)):
            yield from ((replace(one, how="before"), b"") for one in done)
            return
        with tempfile.TemporaryDirectory() as folder:
            try:
                local = _fetched(first.file, folder)
            except Exception as error:  # file systems raise what their libraries do
                yield _lost(first, f"cannot be fetched: {type(error).__name__}: {one_line(str(error))}", 2)
                return
            yield from self._opened(replace(first, key=key), local, known)

    def _opened(self, first: Entry, local: str, known: dict[int, Entry]) -> Iterator[tuple[Entry, bytes]]:
        number, lost = 1, False
        while not lost and (answer := self._page(first.file, local, number)):
            stem = first.stem if answer["page"] == first.file else f"{first.stem}#{number}"
            entry = replace(first, number=number, page=answer["page"], stem=stem, tries=answer["tries"])
            yield self._found(entry, answer, known)
            number, lost = number + 1, "lost" in answer

    def _page(self, file: str, local: str, number: int) -> dict[str, Any]:
        """A page of a file; nothing if there is none; a failure if it failed twice."""
        answer: dict[str, Any] = {}
        for tries in (1, 2):
            try:
                if self._next != (file, number):
                    self.sandbox.ask("open", file, local, number - 1)
                answer = self.sandbox.ask("page")
                self._next = file, number + 1
            except LostError as error:
                name = file if number == 1 else f"{file}#{number}"
                answer = {"page": name, "failure": f"{error}; so are pages behind it", "lost": True}
            if "failure" not in answer:
                return answer and answer | {"tries": tries}
            self._next = None
        return answer | {"tries": 2}

    def _found(self, entry: Entry, answer: dict[str, Any], known: dict[int, Entry]) -> tuple[Entry, bytes]:
        if "failure" in answer:
            return _lost(entry, answer["failure"], entry.tries)
        content = answer["content"]
        key = entry.key if answer["alone"] else ""
        entry = replace(entry, key=key, content=content, results=digest(content, self.plan.results_digest))
        before = known.get(entry.number)
        if before and before.results == entry.results and self._stands(before):
            return replace(before, how="before", last=False), b""
        return entry, unpacked(answer, "data")

    def _stands(self, entry: Entry) -> bool:
        """Whether a page is done: with these options, and its file is there."""
        current = entry.results == digest(entry.content, self.plan.results_digest)
        return current and not entry.failure and self.store.has(f"{PAGES}/{entry.output}", entry.size)


class ReadPages(Actor):
    """One stage, or all of them, for pages.

    Parameters
    ----------
    plan
        What is done.
    stage
        A method of `PageWork`: ``read``; or ``cut``, ``encode`` and ``finish``, one after the other.
    """

    def __init__(self, plan: Plan, stage: str) -> None:
        super().__init__(plan, warm=stage != "cut")
        self.stage = stage

    def __call__(self, pages: pa.Table) -> Iterator[pa.Table]:
        """The rows of some pages, one by one."""
        for entry, data in entries(pages):
            yield table([(entry, data) if entry.how in SETTLED else self._done(entry, data)])

    def _done(self, entry: Entry, data: bytes) -> tuple[Entry, bytes]:
        reason = ""
        for tries in (1, 2):
            try:
                return self._asked(replace(entry, tries=max(entry.tries, tries)), data)
            except LostError as error:
                reason = str(error)
        return _lost(entry, reason, 2)

    def _asked(self, entry: Entry, data: bytes) -> tuple[Entry, bytes]:
        started = time.perf_counter()
        outputs_digest = digest(entry.content, self.plan.outputs_digest)
        if self.stage == "encode":
            answer = self.sandbox.ask("encode", data)
        elif self.stage == "finish":
            answer = self.sandbox.ask("finish", data, outputs_digest, entry.seconds)
        else:
            kept = self.store.get(f"{LOG_PROBS}/{entry.stem}.npz") if self.plan.options.keep_log_probs else None
            answer = self.sandbox.ask(self.stage, data, outputs_digest, kept)
        if "failure" in answer:
            raise LostError(answer["failure"])
        entry = replace(entry, how=answer.get("how", entry.how))
        if "data" in answer:
            seconds = entry.seconds + time.perf_counter() - started
            return replace(entry, seconds=seconds), unpacked(answer, "data")
        return self._finished(entry, answer)

    def _finished(self, entry: Entry, answer: dict[str, Any]) -> tuple[Entry, bytes]:
        file, output = unpacked(answer, "file"), f"{entry.stem}{answer['suffix']}"
        if answer["kept"]:
            self.store.put(f"{LOG_PROBS}/{entry.stem}.npz", unpacked(answer, "kept"))
        self.store.put(f"{PAGES}/{output}", file)
        told = {name: answer[name] for name in ("lines", "lost", "seconds")}
        return replace(entry, output=output, size=len(file), **told), json.dumps(answer["records"]).encode()


def table(rows: Iterable[tuple[Entry, bytes]]) -> pa.Table:
    """Rows as Ray passes them on."""
    return pa.Table.from_pylist([{"entry": json.dumps(asdict(entry)), "data": data} for entry, data in rows], ROW)


def entries(rows: pa.Table) -> Iterator[tuple[Entry, bytes]]:
    """What `table` was given."""
    for row in rows.to_pylist():
        yield Entry(**json.loads(row["entry"])), row["data"]


def _lost(entry: Entry, reason: str, tries: int) -> tuple[Entry, bytes]:
    return replace(entry, how="failed", failure=reason, tries=tries), b""


def _run_of(known: dict[int, Entry], key: str) -> Iterator[Entry]:
    """The pages of a file from the first on that are known, as long as it is the same file."""
    number = 1
    while key and number in known and known[number].key == key:
        yield known[number]
        if known[number].last:
            return
        number += 1


def _is_elsewhere(file: str) -> bool:
    return "://" in file


def _key(file: str) -> str:
    """What changes when a file does, as far as its file system tells without reading it."""
    system, path = url_to_fs(file)
    return str(system.ukey(path))


def _fetched(file: str, folder: str) -> str:
    """A file's path on this machine."""
    if not _is_elsewhere(file):
        return file
    system, path = url_to_fs(file)
    local = str(Path(folder, Path(path).name))
    system.get_file(path, local)
    return local
