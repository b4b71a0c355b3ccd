"""Limits on processor time that a slow or busy machine keeps too: they grow as a fixed calculation beside them does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

CALCULATION = 0.025
"""Seconds that the calculation takes on a machine of 2024 that does nothing else."""


@contextmanager
def processor_time_within(seconds: float) -> Iterator[None]:
    """Fail if what is done takes longer than it may on an idle machine of 2024, threads together."""
    before = _calculation()
    started = time.process_time()
    yield
    taken = time.process_time() - started
    slowness = max(1.0, before / CALCULATION, _calculation() / CALCULATION)
    assert taken <= seconds * slowness, f"took {taken:.1f} s, on a machine {slowness:.1f} times as slow as an idle one"


def _calculation() -> float:
    """Processor time of sums that no input changes, in plain Python as most of what is limited."""
    started = time.process_time()
    total = 0
    for number in range(500_000):
        total += number ^ (total & 1023)
    return time.process_time() - started
