"""How many devices share a batch; that they do, ``test_backends.py`` sees."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

import keras

from htrkit.encoders.input import InputRule
from htrkit.errors import UsageError
from htrkit.training.batches import Batches
from htrkit.training.data import Example
from htrkit.training.devices import n_devices


def test_all_that_can_have_equal_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    monkeypatch.setattr(keras.distribution, "get_device_count", lambda: 4)
    assert [n_devices(None, size) for size in (8, 6, 7)] == [4, 3, 1]
    assert n_devices(2, 6) == 2
    with pytest.raises(UsageError, match="not 5 devices to share a batch among, but 4"):
        n_devices(5, 10)
    with pytest.raises(UsageError, match="cannot have equal parts of 10 images: change --batch-size"):
        n_devices(4, 10)


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_a_backend_that_cannot_share_takes_one(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: backend)
    assert n_devices(None, 8) == n_devices(1, 8) == 1
    with pytest.raises(UsageError, match=f"KERAS_BACKEND=jax, not with {backend}"):
        n_devices(2, 8)


@pytest.mark.parametrize("width", [None, 32])
@pytest.mark.parametrize("count", [1, 5, 9, 16])
def test_every_batch_can_be_shared(width: int | None, count: int) -> None:
    rule = InputRule(height=8, width=width, frames_per_pixel=0.25)
    examples = [Example(np.full((8, 16), i, np.uint8), np.ones(1, np.int32), str(i)) for i in range(count)]
    batches = Batches(examples, rule, batch_size=8, seed=1, multiple=4)
    sizes = [len(batches[i][0]) for i in range(len(batches))]
    assert all(size in (4, 8) for size in sizes)
    assert sum(sizes) >= count
