"""Pages become results, as stages of Ray's.

Where the network runs on the CPU, one stage does it all with files of images: a page stays in the process that opened
it. The pages of other files, which may have thousands, and those for a GPU go from stage to stage.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import pyarrow as pa

from htrkit.processes import LostError
from htrkit_ray.actor import Actor
from htrkit_ray.opening import OpenFiles
from htrkit_ray.plan import PAGES_AT_ONCE, Entry, Plan
from htrkit_ray.rows import SETTLED, Row, entries, lost, table
from htrkit_ray.sandbox import unpacked


class ReadFiles(OpenFiles):
    """Files become results, some pages at a time; if that fails, each of these is tried by itself."""

    keeps_pages = True
    _at_once = PAGES_AT_ONCE

    def __call__(self, files: pa.Table) -> Iterator[pa.Table]:
        """The results of some files."""
        with self.fetching():
            pages = self.pages(files)
            while some := list(islice(pages, self._at_once)):
                yield table(self._read(some))

    def _read(self, pages: Sequence[Row]) -> Iterator[Row]:
        waiting = [entry for entry, _ in pages if entry.how not in SETTLED]
        try:
            answers = iter(self._answers(waiting) if waiting else [])
        except LostError as error:
            answers = iter([])
            if error.late:  # the limit is that of one page
                self._at_once = 1
        for entry, data in pages:
            if entry.how in SETTLED:
                yield entry, data
                continue
            answer = next(answers, {"failure": ""})
            yield self._alone(entry) if "failure" in answer else self.saved(entry, answer)

    def _answers(self, pages: Sequence[Entry]) -> list[dict[str, Any]]:
        """What is read on pages that the process has kept."""
        requests = [(entry.page, *self.kept(entry)) for entry in pages]
        answers: list[dict[str, Any]] = self.sandbox.ask("read", requests)["pages"]
        return answers

    def _alone(self, entry: Entry) -> Row:
        """A page that failed, or was lost with others, is tried once more."""
        try:
            answer = self.page(entry.file, entry.number)
            if "content" in answer:
                (answer,) = self._answers([entry])
        except LostError as error:
            answer = {"failure": str(error)}
        if "file" in answer:
            return self.saved(replace(entry, tries=2), answer)
        return lost(entry, answer.get("failure", "is not there any more"), 2)


class ReadPages(Actor):
    """One stage, or all of them, for pages that another one has opened.

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

    def _done(self, entry: Entry, data: bytes) -> Row:
        reason = ""
        for tries in (1, 2):
            try:
                return self._asked(replace(entry, tries=max(entry.tries, tries)), data)
            except LostError as error:
                reason = str(error)
        return lost(entry, reason, 2)

    def _asked(self, entry: Entry, data: bytes) -> Row:
        started = time.perf_counter()
        if self.stage == "read":
            (answer,) = self.sandbox.ask("read", [(data, *self.kept(entry))])["pages"]
        elif self.stage == "cut":
            answer = self.sandbox.ask("cut", data, *self.kept(entry))
        elif self.stage == "encode":
            answer = self.sandbox.ask("encode", data)
        else:
            answer = self.sandbox.ask("finish", data, self.kept(entry)[0], entry.seconds)
        if "failure" in answer:
            raise LostError(answer["failure"])
        if "data" in answer:
            seconds = entry.seconds + time.perf_counter() - started
            return replace(entry, how=answer.get("how", entry.how), seconds=seconds), unpacked(answer, "data")
        return self.saved(entry, answer)
