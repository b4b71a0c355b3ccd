"""Fixtures for decoders: lines drawn from a seed, and both ways of running the kernels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from htrkit.decoders import compiled

Lines = Callable[..., list[NDArray[np.float32]]]


@pytest.fixture(params=["interpreted", "compiled"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs the test with interpreted and with compiled kernels."""
    mode: str = request.param
    monkeypatch.setattr(compiled, "PATIENCE", 0 if mode == "compiled" else 10**9)
    return mode


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets no test go on with an interpreter because kernels are not compiled yet."""
    monkeypatch.setattr(compiled, "_here", True)


@pytest.fixture
def lines() -> Lines:
    """Draws lines: ``lines(count, frames, labels, seed=0)``, peaky like a network's output."""

    def draw(count: int, frames: int, labels: int, seed: int = 0) -> list[NDArray[np.float32]]:
        random = np.random.default_rng(seed)
        drawn = []
        for _ in range(count):
            scores = random.normal(0.0, 2.0, (frames, labels))
            scores[:, 0] += 3.0
            scores[np.arange(frames), random.integers(labels, size=frames)] += random.normal(4.0, 3.0, frames)
            drawn.append((scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).astype(np.float32))
        return drawn

    return draw


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keeps tries that a test caches out of the user's cache."""
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tries"
