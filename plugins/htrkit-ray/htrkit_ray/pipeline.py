"""Pages from stage to stage, by Ray Data: of documents, which may have thousands, and for GPUs."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Dataset

from htrkit_ray.opening import OpenFiles
from htrkit_ray.plan import Plan
from htrkit_ray.stages import ReadPages

INIT_DEATHS = 20
"""Actors that may die one after the other while they start; pages are tried in processes of their own."""


def through_stages(plan: Plan, files: Iterable[pa.Table], gpu_share: float, workers: int) -> Iterator[pa.Table]:
    """What becomes of each page of some files, as they are done.

    Parameters
    ----------
    files
        In parts, one for each task.
    gpu_share
        Of a GPU that each process of the network gets; 0 for none.
    workers
        Processes that read.
    """
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised, and need no traceback beside that
    warnings.filterwarnings("ignore", module=r"ray\.")  # of a pool that is larger than its work
    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.target_max_block_size = 1  # each page goes on as it comes
    context.max_consecutive_actor_init_deaths = INIT_DEATHS
    context.execution_no_progress_timeout_s = -1.0  # a cluster may take its time to grow; pages have limits
    given = ray.data.from_blocks(list(files))  # unlike from_arrow, it starts no worker to look at them
    pages = _staged(given, plan, gpu_share, workers)
    yield from pages.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)


def _staged(files: Dataset, plan: Plan, gpu_share: float, workers: int) -> Dataset:
    """Where the network runs on the CPU, a page stays where it is; where it has a GPU, that is fed by the others."""
    pages = _through(files, OpenFiles, (plan,), max(1, workers // 4), 0.25)
    if not gpu_share:
        return _through(pages, ReadPages, (plan, "read"), workers, 0.75)
    encoders = max(1, int(ray.cluster_resources().get("GPU", 0) / gpu_share))
    pages = _through(pages, ReadPages, (plan, "cut"), workers, 0.5)
    pages = _through(pages, ReadPages, (plan, "encode"), encoders, 0.0, gpu_share)
    return _through(pages, ReadPages, (plan, "finish"), workers, 0.25)


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
