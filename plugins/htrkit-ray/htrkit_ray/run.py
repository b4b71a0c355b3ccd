"""Files through the stages, by Ray: pages come back as they are done."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports home unless this is set before it is imported
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what goes wrong is raised
os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")  # of Ray's own statistics, which nobody asked for

import pyarrow as pa
import ray
from ray.exceptions import RayTaskError

from htrkit import HtrkitError
from htrkit.pages.images import SUFFIXES
from htrkit_ray.plan import PAGES_AT_ONCE, Plan
from htrkit_ray.rows import Row, entries, table
from htrkit_ray.stages import ReadFiles

NOTHING = b"[]"
"""What is known of the pages of a new file."""
KNOWN_AT_ONCE = 64
"""Files of one task whose pages an earlier run has seen."""
STORE_BYTES = 200 << 20
"""Of shared memory for pages on their way, and as much again for every ten workers."""


@dataclass(frozen=True, slots=True)
class Machines:
    """What computes.

    Attributes
    ----------
    address
        Of a cluster that runs; empty for this machine alone.
    workers
        Processes that read, one core each; 0 for one a core.
    gpu_share
        Of a GPU that each process of the network gets; 0 for none.
    dashboard
        Whether Ray's dashboard is started.
    """

    address: str = ""
    workers: int = 0
    gpu_share: float = 0.0
    dashboard: bool = False


@contextmanager
def started(machines: Machines) -> Iterator[int]:
    """Ray, while the block runs, and how many workers there are."""
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    init = partial(ray.init, logging_level=logging.ERROR, log_to_driver=False)
    if not machines.address:
        cores = machines.workers or os.cpu_count() or 1
        memory = STORE_BYTES * (1 + cores // 10)
        init = partial(init, num_cpus=cores, object_store_memory=memory, include_dashboard=machines.dashboard)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # where Ray tells what it does anew
        try:
            with _silence():
                init(address=machines.address or "local")
            yield machines.workers or int(ray.cluster_resources().get("CPU", 1))
        finally:
            ray.shutdown()


@contextmanager
def _silence() -> Iterator[None]:
    """No standard error: Ray says there which level of messages it has been told."""
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def read(plan: Plan, files: Sequence[Row], machines: Machines, workers: int) -> Iterator[Row]:
    """What becomes of each page of some files, as they are done, with its records.

    Parameters
    ----------
    files
        The first page of each, and what is known of its pages, as JSON.
    workers
        As `started` says.
    """
    together, apart = in_one_stage(files, machines)
    if together:
        yield from _together(plan, together, workers, grows=not machines.workers)
    if apart:
        from htrkit_ray.pipeline import through_stages  # Ray Data takes seconds to import, in each of its processes

        for pages in through_stages(plan, parts(apart, workers), machines.gpu_share, workers):
            yield from entries(pages)


def cause_of(error: BaseException) -> BaseException:
    """What went wrong first, or what htrkit says of it.

    An error of a worker's comes wrapped, perhaps several times, and what wraps it says little but where it was raised.
    """
    while True:
        if isinstance(error, RayTaskError):  # which is also of the type of its cause, and may have another __cause__
            error = error.cause
        elif isinstance(error, HtrkitError) or error.__cause__ is None:
            return error
        else:
            error = error.__cause__


def in_one_stage(files: Sequence[Row], machines: Machines) -> tuple[list[Row], list[Row]]:
    """Files that one process opens and reads; and those whose pages, of which there may be many, are shared out."""
    kinds: tuple[list[Row], list[Row]] = [], []
    for row in files:
        is_image = Path(row[0].file).suffix.lower() in SUFFIXES
        kinds[bool(machines.gpu_share) or not is_image].append(row)
    return kinds


def parts(files: Sequence[Row], workers: int) -> Iterator[pa.Table]:
    """Files for one task each, fewer at the end, so that all workers end at about the same time."""
    known = [row for row in files if row[1] != NOTHING]  # which may be done
    new = [row for row in files if row[1] == NOTHING]
    for most, rows in ((KNOWN_AT_ONCE, known), (PAGES_AT_ONCE, new)):
        start = 0
        while start < len(rows):
            size = max(1, min(most, (len(rows) - start) // (4 * workers)))
            yield table(rows[start : start + size])
            start += size


def _together(plan: Plan, files: Sequence[Row], workers: int, *, grows: bool) -> Iterator[Row]:
    """In tasks without stages, which Ray gives to any worker, and to another one if that is lost.

    Where a cluster ``grows``, as many tasks wait as run: for machines that come later, and so that Ray asks for these.
    """
    shared = ray.put(plan)
    running: set[object] = set()
    for part in parts(files, workers):
        done: list[Row] = []
        most = 2 * int(ray.cluster_resources().get("CPU", 1)) if grows else workers
        if len(running) >= most:
            done, running = _finished(running)
        running.add(_read.remote(shared, part))
        yield from done
    while running:
        done, running = _finished(running)
        yield from done


def _finished(running: set[object]) -> tuple[list[Row], set[object]]:
    """The pages of a task that has ended, and the other tasks."""
    (first,), others = ray.wait(list(running))
    return [row for pages in ray.get(first) for row in entries(pages)], set(others)


@ray.remote(num_cpus=1, max_retries=-1)  # type: ignore[untyped-decorator]
def _read(plan: Plan, files: pa.Table) -> list[pa.Table]:
    return list(_reader(plan)(files))


@cache
def _reader(plan: Plan) -> ReadFiles:
    """What this worker reads with, and keeps."""
    return ReadFiles(plan)
