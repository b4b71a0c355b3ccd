"""Files through the stages, by Ray Data: pages come back as they are done."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports home unless this is set before it is imported
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what goes wrong is raised
os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")  # of Ray's own statistics, which nobody asked for

import ray
from ray.data import ActorPoolStrategy, DataContext, Dataset

from htrkit.pages.images import SUFFIXES
from htrkit_ray.opening import OpenFiles
from htrkit_ray.plan import Plan
from htrkit_ray.rows import Row, entries, table
from htrkit_ray.stages import ReadFiles, ReadPages

FILES_AT_ONCE = 16
"""That one task opens, one after the other."""
STORE_BYTES = 200 << 20
"""Of shared memory for pages on their way, and as much again for every ten workers."""
INIT_DEATHS = 20
"""Actors that may die one after the other while they start; pages are tried in processes of their own."""


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
    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.target_max_block_size = 1  # each page goes on as it comes
    context.max_consecutive_actor_init_deaths = INIT_DEATHS
    context.execution_no_progress_timeout_s = -1.0  # a cluster may take its time to grow; pages have limits
    together, apart = in_one_stage(files, machines)
    if together:
        yield from _results(_through(_given(together, workers), ReadFiles, (plan,), workers, 1.0))
    if apart:
        yield from _results(_stages(_given(apart, workers), plan, machines, workers))


def in_one_stage(files: Sequence[Row], machines: Machines) -> tuple[list[Row], list[Row]]:
    """Files that one process opens and reads; and those whose pages, of which there may be many, are shared out."""
    kinds: tuple[list[Row], list[Row]] = [], []
    for row in files:
        is_image = Path(row[0].file).suffix.lower() in SUFFIXES
        kinds[bool(machines.gpu_share) or not is_image].append(row)
    return kinds


def _stages(files: Dataset, plan: Plan, machines: Machines, workers: int) -> Dataset:
    """Where the network runs on the CPU, a page stays where it is; where it has a GPU, that is fed by the others."""
    pages = _through(files, OpenFiles, (plan,), max(1, workers // 4), 0.25)
    if not machines.gpu_share:
        return _through(pages, ReadPages, (plan, "read"), workers, 0.75)
    encoders = max(1, int(ray.cluster_resources().get("GPU", 0) / machines.gpu_share))
    pages = _through(pages, ReadPages, (plan, "cut"), workers, 0.5)
    pages = _through(pages, ReadPages, (plan, "encode"), encoders, 0.0, machines.gpu_share)
    return _through(pages, ReadPages, (plan, "finish"), workers, 0.25)


def _results(pages: Dataset) -> Iterator[Row]:
    for batch in pages.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        yield from entries(batch)


def _given(files: Sequence[Row], workers: int) -> Dataset:
    """Files in parts for one task each, smaller ones at the end, so that all workers end at about the same time."""
    parts, start = [], 0
    while start < len(files):
        size = max(1, min(FILES_AT_ONCE, (len(files) - start) // (4 * workers)))
        parts.append(table(files[start : start + size]))
        start += size
    return ray.data.from_blocks(parts)  # unlike from_arrow, it starts no worker to look at them


def _through(
    rows: Dataset, actor: type, arguments: tuple[object, ...], size: int, cpus: float, gpus: float = 0.0
) -> Dataset:
    return rows.map_batches(
        actor,
        fn_constructor_args=arguments,
        batch_size=None,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(size=size),
        num_cpus=cpus,
        num_gpus=gpus or None,
    )
