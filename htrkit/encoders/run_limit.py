"""Networks that run too long are stopped, all of them by one thread: to start one for each line takes a while."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread

import onnxruntime

LOOKED_EVERY = 0.1
"""Seconds."""
WATCH = "htrkit-run-limit"
"""The thread's name."""


class RunLimit:
    """Stops runs at their time; the thread that does so ends when nothing runs any more."""

    def __init__(self) -> None:
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)  # a forked process has none of the threads

    def _begin(self) -> None:
        self._lock = Lock()
        self._ends: dict[onnxruntime.RunOptions, float] = {}
        self._watching = False

    @contextmanager
    def seconds(self, limit: float) -> Iterator[onnxruntime.RunOptions]:
        """Options for a run that is stopped after so long; ``terminate`` then is true."""
        run = onnxruntime.RunOptions()
        with self._lock:
            if not self._watching:
                Thread(target=self._watch, name=WATCH, daemon=True).start()
                self._watching = True
            self._ends[run] = time.monotonic() + limit
        try:
            yield run
        finally:
            with self._lock:
                del self._ends[run]

    def _watch(self) -> None:
        while True:
            time.sleep(LOOKED_EVERY)
            with self._lock:
                if not self._ends:
                    self._watching = False
                    return
                now = time.monotonic()
                for run, end in self._ends.items():
                    run.terminate = run.terminate or now >= end


RUN_LIMIT = RunLimit()
"""That of this process: each thread takes memory, so there is one for all networks."""
