"""A component that misbehaves on some pages, and the stages without Ray."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

import pyarrow as pa
import pytest
from htrkit_ray import run
from htrkit_ray.opening import OpenFiles
from htrkit_ray.plan import Plan
from htrkit_ray.rows import Row, entries, table
from htrkit_ray.run import Machines
from htrkit_ray.stages import ReadFiles, ReadPages

MOODY = """
import os, signal, time
from pathlib import Path
from htrkit import Component, Place, hookimpl
from dataclasses import replace

@hookimpl
def htrkit_segmenters():
    return [Component("moody", "two lines, unless the page's name says what else", "moody:Moody")]

class Moody:
    def segment(self, page):
        name = Path(page.id).stem.partition("-")[0]
        mark = Path(page.id).with_suffix(".tried")
        if name == "hang":
            time.sleep(1000)
        elif name == "crash" or (name == "once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        elif name == "fat":
            bytearray(1 << 40)
        elif name == "fail":
            raise ValueError("no such page")
        height, width = page.pixels.shape
        def place(top):
            return Place(page.id, 0, ((0, top), (width, top), (width, top + 90), (0, top + 90)))
        return replace(page, lines=((place(20), None), (place(110), None)))
"""


@pytest.fixture
def moody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A segmenter that does with a page what its name says."""
    folder = tmp_path_factory.mktemp("moody")
    (folder / "moody.py").write_text(MOODY)
    info = folder / "moody-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moody\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[htrkit]\nmoody = moody\n")
    monkeypatch.syspath_prepend(str(folder))
    installed = importlib.import_module("htrkit.host").plugins
    installed.cache_clear()
    yield "moody"
    installed.cache_clear()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stages one after the other, without Ray; what they do is done in other processes all the same."""

    @contextmanager
    def started(machines: Machines) -> Iterator[int]:
        yield 1

    def read(plan: Plan, files: Sequence[Row], machines: Machines, workers: int) -> Iterator[Row]:
        together, apart = run.in_one_stage(files, machines)
        names = ("cut", "encode", "finish") if machines.gpu_share else ("read",)
        for rows, stages in (
            (together, [ReadFiles(plan)]),
            (apart, [OpenFiles(plan), *(ReadPages(plan, name) for name in names)]),
        ):
            try:
                yield from through([table(rows)], stages) if rows else ()
            finally:
                for actor in stages:
                    actor.sandbox.end()

    monkeypatch.setattr(run, "started", started)
    monkeypatch.setattr(run, "read", read)


def through(tables: Iterable[pa.Table], stages: Sequence[Callable[[pa.Table], Iterator[pa.Table]]]) -> Iterator[Row]:
    """What becomes of files, one after the other."""
    for stage in stages:
        tables = chain.from_iterable(map(stage, tables))
    return chain.from_iterable(map(entries, tables))
