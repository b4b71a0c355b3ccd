"""Runs are stopped at their time, and nothing is left of the thread that does it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from htrkit.encoders.run_limit import WATCH, RunLimit


def soon(happens: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30.0
    while not happens() and time.monotonic() < end:
        time.sleep(0.01)
    return happens()


def watches() -> int:
    return sum(thread.name == WATCH for thread in threading.enumerate())


def test_what_runs_too_long_is_stopped_and_nothing_else() -> None:
    assert soon(lambda: not watches())  # those of earlier tests
    limit = RunLimit()
    with ExitStack() as runs:
        late = [runs.enter_context(limit.seconds(0.0)) for _ in range(3)]
        early = [runs.enter_context(limit.seconds(1e6)) for _ in range(3)]
        assert soon(lambda: all(run.terminate for run in late))
        assert not any(run.terminate for run in early)
        assert watches() == 1
    assert soon(lambda: not watches())
    with limit.seconds(0.0) as run:  # and it begins again
        assert soon(lambda: run.terminate)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_forked_process_is_watched_too() -> None:
    limit = RunLimit()
    with limit.seconds(1e6):
        process = os.fork()
        if not process:
            with limit.seconds(0.0) as run:
                os._exit(0 if soon(lambda: run.terminate) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
