"""An archive read into a folder of results: what is done already, what is to do, and the parts that keep it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import PurePath

from htrkit import HtrkitError
from htrkit.quoting import first_line
from htrkit.spec import Spec
from htrkit.writing import PageNames, PageWriting
from htrkit_ray import run
from htrkit_ray.parts import FULL, Parts
from htrkit_ray.plan import Entry, Plan
from htrkit_ray.rows import Row
from htrkit_ray.run import Machines
from htrkit_ray.store import Store, is_inside

EVERY = 10.0
"""Seconds after which what is done is written, so that a kill costs no more."""
COLOURS = re.compile(r"\x1b\[[\d;]*m")
"""The codes for colours in what Ray says."""


@dataclass(slots=True)
class Summary:
    """What became of an archive.

    Attributes
    ----------
    workers
        Processes that read, one core each.
    pages
        That were seen.
    how
        How many of them were ``read``, ``decoded`` anew, done ``before``, ``failed``.
    lines
        That were read now.
    failed
        Pages that are lost, with the reason and how often they were tried.
    lost
        Lines that are lost on pages that were read, with the reason.
    seconds
        Since the first worker was asked for.
    """

    workers: int = 0
    pages: int = 0
    how: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("read", "decoded", "before", "failed"), 0))
    lines: int = 0
    failed: list[dict[str, object]] = field(default_factory=list)
    lost: list[dict[str, object]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Pages that were done now."""
        return self.how["read"] + self.how["decoded"]

    @property
    def pages_a_minute(self) -> float:
        """Of the pages that were done now, or failed."""
        return 60.0 * (self.done + self.how["failed"]) / self.seconds if self.seconds else 0.0

    def add(self, entry: Entry, records: list[dict[str, object]]) -> None:
        """Another page has come."""
        self.pages += 1
        self.how[entry.how] += 1
        if entry.how != "before":
            self.lines += entry.lines
        if entry.failure:
            self.failed.append({"page": entry.page, "reason": entry.failure, "tries": entry.tries})
        self.lost += [{"line": one["line"], "reason": one["failure"]} for one in records if one["failure"]]


def read_archive(
    planned: Callable[[], Plan],
    dest: str,
    files: Sequence[str],
    machines: Machines,
    progress: Callable[[Summary, int], None] = lambda summary, expected: None,
) -> Summary:
    """Read the pages of files that are not done yet.

    Parameters
    ----------
    planned
        Gives the plan; asked when Ray has started, so that the plan may be made in the meantime.
    dest
        The folder of the results, as in the plan.
    progress
        Called after each page, with how many there are as far as is known.

    Raises
    ------
    HtrkitError
        If the folder cannot be written to, another run writes there, or Ray cannot go on. What is done is kept; the
        same call goes on.
    """
    store = Store(dest)
    summary = Summary()
    with store.locked():
        parts = Parts(store)
        try:
            with run.started(machines) as summary.workers:
                ends = _read(planned(), files, machines, parts, summary, progress)
        except BaseException as error:
            with suppress(Exception):  # the first error is the one to tell
                parts.flush()
            cause = run.cause_of(error)
            if not isinstance(error, Exception) or (cause is error and isinstance(error, HtrkitError)):
                raise
            said = COLOURS.sub("", first_line(cause))  # Ray Data adds lines about its own tries
            if not isinstance(cause, HtrkitError):
                said = f"Ray stopped: {said}; the same command goes on from here"
            raise HtrkitError(said) from error
        parts.flush()
        parts.tidy(ends)
    return summary


def _read(
    plan: Plan,
    files: Sequence[str],
    machines: Machines,
    parts: Parts,
    summary: Summary,
    progress: Callable[[Summary, int], None],
) -> dict[str, int]:
    """Read what is to do; how many pages each file has that was read to its end."""
    ends: dict[str, int] = {}
    suffix = PageWriting(Spec.parse("writer", plan.options.format), plan.run).suffix
    expected, started = len(files), time.monotonic()
    flushed = started
    for entry, data in run.read(plan, _to_do(files, parts, suffix), machines, summary.workers):
        records = json.loads(data) if data else []
        summary.add(entry, records)
        expected += entry.number > 1
        if entry.last and not entry.failure:  # behind a page that fails there may be more
            ends[entry.file] = entry.number
        summary.seconds = time.monotonic() - started
        progress(summary, expected)
        if entry.how != "before":
            parts.add(entry, records)
        if parts.waiting >= FULL or time.monotonic() - flushed > EVERY:
            parts.flush()
            flushed = time.monotonic()
    return ends


def _to_do(files: Sequence[str], parts: Parts, suffix: str) -> list[Row]:
    """The first page of each file, and what is known of all its pages."""
    known: dict[str, list[dict[str, object]]] = {}
    stems: dict[str, str] = {}
    for entry in parts.entries().values():
        stems[entry.file] = entry.stem_of_file
        if not entry.failure:
            known.setdefault(entry.file, []).append(asdict(entry))
    # a file keeps its name, and takes none from another one
    names, taken = PageNames([*stems, *files], suffix), set(stems.values())
    for file in files:
        if file not in stems:
            stem = names.of_file(file).as_posix().removesuffix(suffix)
            if not is_inside(stem):  # of "...png", which is ".." without its suffix
                stem = PurePath(file).name
            while stem in taken:
                stem += "_"
            taken.add(stem)
            stems[file] = stem
    firsts = [Entry(file, 1, False, file, stems[file]) for file in files]
    return [(first, json.dumps(known.get(first.file, [])).encode()) for first in firsts]
