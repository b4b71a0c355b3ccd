"""What is done with a page, in a process of its own: opened, its lines found, encoded, decoded, written."""

from __future__ import annotations

import base64
import os
import pickle
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs

from htrkit import Failed, Page, Recognizer, Result
from htrkit.files import digest
from htrkit.jobs import LineFinder
from htrkit.pages.sources import Sources
from htrkit.processes import limit_memory, serve
from htrkit.quoting import one_line
from htrkit.spec import Spec
from htrkit.types import Encoded
from htrkit.writing import PageWriting
from htrkit_ray.kept import from_kept, kept
from htrkit_ray.plan import PAGES_AT_ONCE, Plan
from htrkit_ray.records import records

Answer = dict[str, Any]
Items = list[Any]
"""A page, and after it its lines, as far as they have come."""


def main() -> None:
    """Answer requests: first a plan, then a method of `PageWork` and its arguments each."""
    work: list[PageWork] = []

    def answer(request: Any) -> Answer:
        if isinstance(request, Plan):
            work[:] = [PageWork(request)]
            return {}
        name, *arguments = request
        made: Answer = getattr(work[0], name)(*arguments)
        return made

    serve(answer)


class PageWork:
    """The stages that a page goes through. What passes between them is pickled, and not looked at outside.

    Parameters
    ----------
    plan
        What is done.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        limit_memory(plan.options.gigabytes)
        with suppress(OSError):  # another machine need not have the folder
            os.chdir(plan.folder)
        self._opened: Iterator[Page | Failed] = iter(())
        self._pages: deque[Page] = deque(maxlen=PAGES_AT_ONCE + 1)  # which are read together, and the next one

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self.plan.options.source)

    @cached_property
    def _finder(self) -> LineFinder:
        written = self.plan.options.segmenter
        return LineFinder(None if written is None else Spec.parse("segmenter", written))

    @cached_property
    def _recognizer(self) -> Recognizer:
        return self.plan.options.recognizer()

    @cached_property
    def _writing(self) -> PageWriting:
        return PageWriting(Spec.parse("writer", self.plan.options.format), self.plan.run)

    def warm(self) -> Answer:
        """Load all that reading needs; that counts against no page."""
        _ = self._recognizer, self._writing
        return {}

    def fetch(self, file: str, local: str) -> Answer:
        """Copy a file from elsewhere to a path on this machine; why not, if that fails."""
        try:
            system, path = url_to_fs(file)
            system.get_file(path, local)
        except Exception as error:  # file systems raise what their libraries do
            return {"failure": f"{type(error).__name__}: {one_line(str(error))}"}
        return {"failure": ""}

    def open(self, file: str, local: str, skipped: int) -> Answer:
        """Begin a file, which lies at ``local``, after so many pages."""
        self._opened = (_renamed(page, local, file) for page in self._sources.pages([local]))
        for _ in range(skipped):
            next(self._opened, None)
        return {}

    def page(self, keep: bool) -> Answer:
        """The next page of the file that was begun, which may be kept here; nothing if there is none."""
        page = next(self._opened, None)
        if page is None:
            return {}
        if isinstance(page, Failed):
            return {"page": page.id, "failure": page.reason}
        layout = (page.number, page.regions, page.lines, page.orientation, page.image_page)
        content = digest(page.pixels, *layout)
        if keep:
            self._pages.append(page)
        # a picture beside the file may change without it
        answer = {"page": page.id, "content": content, "alone": page.image is None}
        return answer | {"data": "" if keep else _packed([page])}

    def cut(self, data: bytes, outputs_digest: str, before: bytes | None) -> Answer:
        """A page with its lines cut out, or with their outputs, if these were kept ``before``."""
        items, how = self._found(data, outputs_digest, before)
        return {"data": _packed(items), "how": how}

    def encode(self, data: bytes) -> Answer:
        """A page with the network's outputs on its lines."""
        return {"data": _packed(list(self._recognizer.encode(pickle.loads(data))))}

    def finish(self, data: bytes, outputs_digest: str, seconds: float) -> Answer:
        """What is read on a page: its file of results, its records, and its outputs if they are to be kept."""
        return self._finished(pickle.loads(data), outputs_digest, seconds, time.perf_counter())

    def read(self, requests: Sequence[tuple[str | bytes, str, bytes | None]]) -> Answer:
        """All of that at once, with pages that are given or, if they are kept here, named."""
        started = time.perf_counter()
        found = [self._found(*request) for request in requests]
        encoded = self._recognizer.encode(chain.from_iterable(items for items, how in found if how == "read"))
        pages = [(list(islice(encoded, len(items))) if how == "read" else items, how) for items, how in found]
        seconds = (time.perf_counter() - started) / max(1, sum(len(items) for items, _ in pages))
        answers = []
        for (_, outputs_digest, _), (items, how) in zip(requests, pages, strict=True):
            answer = self._finished(items, outputs_digest, seconds * len(items), time.perf_counter())
            answers.append(answer | {"how": how})
        return {"pages": answers}

    def _found(self, given: str | bytes, outputs_digest: str, before: bytes | None) -> tuple[Items, str]:
        """A page and its lines, as they were kept or are found; and which of both."""
        page = next((one for one in self._pages if one.id == given), None)
        if isinstance(given, bytes):
            (page,) = pickle.loads(given)
        if page is None:  # the process that had it was lost
            return [Failed(str(given), "was lost with another page")], "read"
        items = from_kept(before, page, outputs_digest) if before else None
        return (items, "decoded") if items else (list(self._finder([page])), "read")

    def _finished(self, items: Items, outputs_digest: str, seconds: float, started: float) -> Answer:
        page = items[0]
        if isinstance(page, Failed):
            return {"failure": page.reason}
        _, *lines = self._recognizer.decode(items, n_best=self.plan.run.n_best)
        results = [line for line in lines if isinstance(line, Result)]
        file = b"".join(map(_encoded, self._writing.file(page, results)))
        seconds += time.perf_counter() - started
        return {
            "file": base64.b64encode(file).decode(),
            "suffix": self._writing.suffix,
            "records": records(page, lines, self.plan, seconds),
            "lines": len(results),
            "lost": len(lines) - len(results),
            "seconds": seconds,
            "kept": self._kept(items, outputs_digest),
        }

    def _kept(self, items: Sequence[Page | Encoded | Failed], outputs_digest: str) -> str:
        if not self.plan.options.keep_log_probs:
            return ""
        return base64.b64encode(kept(items, self._recognizer.model.alphabet, outputs_digest)).decode()


def _renamed(page: Page | Failed, local: str, file: str) -> Page | Failed:
    """A page of a file that was fetched, under the name that people know."""
    if local == file:
        return page
    page = replace(page, id=file + page.id.removeprefix(local))
    return page if isinstance(page, Failed) else replace(page, source=Path(file))


def _packed(items: Items) -> str:
    return base64.b64encode(pickle.dumps(items, pickle.HIGHEST_PROTOCOL)).decode()


def _encoded(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
