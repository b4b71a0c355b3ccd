"""The real command trains with every backend of Keras that is installed, and its model reads without one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs htrkit[train]")

import onnx

from tests import tiny_model
from tests.drawing import save
from tests.strangers import htrkit

TINY = ["height=16", "channels=4", "blocks=1", "lstm_layers=1", "lstm_units=4"]
TEXTS = ("ab", "aba", "bbab", "a", "b", "abab", "ba", "aa")


def installed(backend: str) -> Path:
    """The folder that a backend is in; without it the test is skipped."""
    found = importlib.util.find_spec(backend)
    if found is None or found.origin is None:
        pytest.skip(f"{backend} is not installed")
    return Path(found.origin).parents[1]


def training(folder: Path, out: Path) -> list[str]:
    """The command that trains a network for an epoch on lines drawn into a folder."""
    rows = ["image\ttext"]
    for i, text in enumerate(TEXTS):
        save(folder / f"{i}.png", tiny_model.draw(text, width=16 * len(text)))
        rows.append(f"{i}.png\t{text}")
    (folder / "data.tsv").write_text("\n".join(rows) + "\n")
    arguments = ["--preprocess", "none", "--batch-size", "4", "--arch", "crnn", *(w for o in TINY for w in ("-a", o))]
    return ["train", str(folder / "data.tsv"), "--out", str(out), *arguments, "--epochs", "1"]


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_lines_are_trained_resumed_and_exported(backend: str, tmp_path: Path) -> None:
    where, out = installed(backend), tmp_path / "model"
    run = htrkit(*training(tmp_path, out), path=where, KERAS_BACKEND=backend)
    assert run.code == 0, run
    # what stands in for two GPUs; a backend that cannot share a batch between them goes on with one
    two = {"KERAS_BACKEND": backend, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    more = htrkit("train", "--out", str(out), "--resume", "--epochs", "2", path=where, **two)
    assert more.code == 0, more
    assert ("shared among 2 devices" in more.err) == (backend == "jax")
    assert "epoch 2/2" in more.err
    assert backend in (out / "README.md").read_text()
    elsewhere = htrkit("train", "--out", str(out), "--resume", "--epochs", "3", KERAS_BACKEND="tensorflow")
    assert elsewhere.code == 0, elsewhere
    assert "epoch 3/3" in elsewhere.err
    read = htrkit("recognize", str(tmp_path / "0.png"), "--model", str(out))
    assert read.code == 0, read


def test_two_devices_learn_what_one_does(tmp_path: Path) -> None:
    """From batches that can have equal parts: else the last one is filled up."""
    where, found = installed("jax"), []
    two = {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    for devices in ("1", "2"):
        out = tmp_path / devices
        run = htrkit(*training(tmp_path, out), "--valid-fraction", "0.5", "--devices", devices, path=where, **two)
        assert run.code == 0, run
        assert ("shared among 2 devices" in run.err) == (devices == "2")
        weights = onnx.load(out / "encoder.onnx").graph.initializer
        found.append({one.name: onnx.numpy_helper.to_array(one) for one in weights})
    learned = [name for name in found[0].keys() & found[1].keys() if found[0][name].size > 1]
    assert len(learned) > 8
    for name in learned:
        np.testing.assert_allclose(found[0][name], found[1][name], atol=1e-5, err_msg=name)


def test_a_backend_that_is_not_installed_is_named(tmp_path: Path) -> None:
    if importlib.util.find_spec("jax") is not None:
        pytest.skip("jax is installed")
    run = htrkit("train", str(tmp_path), "--out", str(tmp_path / "out"), KERAS_BACKEND="jax")
    assert run.code == 2
    assert "pip install jax" in run.err
