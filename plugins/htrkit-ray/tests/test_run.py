"""How many tasks Ray is given at a time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from htrkit_ray import run
from htrkit_ray.plan import Entry
from htrkit_ray.run import Machines


@pytest.mark.parametrize(("workers", "most"), [(0, [2, 2, 8, 8]), (1, [1, 1, 1, 1])])
def test_machines_that_come_later_find_work(workers: int, most: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[int] = []

    def wait(running: list[Any]) -> tuple[list[Any], list[Any]]:
        waiting.append(len(running))
        return running[:1], running[1:]

    ray = SimpleNamespace(
        put=lambda plan: plan,
        get=lambda task: [],
        wait=wait,
        cluster_resources=lambda: {"CPU": 1.0 if len(waiting) < 2 else 4.0},
    )
    monkeypatch.setattr(run, "ray", ray)
    monkeypatch.setattr(run, "_read", SimpleNamespace(remote=lambda plan, part: object()))
    plan: Any = None
    files = [(Entry(f"{number}.png", 1, False, "", ""), b"[]") for number in range(100)]
    assert list(run.read(plan, files, Machines(workers=workers), 1)) == []
    assert waiting[:4] == most
