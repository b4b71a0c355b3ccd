"""Networks with PyTorch's kernels beside the same without; run by ``test_torch_kernels.py``, with torch as backend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from htrkit.training.architectures.crnn import CRNN
from htrkit.training.architectures.simple import Simple
from htrkit.training.network import ctc_model
from htrkit.training.torch_kernels import take_torch_kernels

TINY = {"height": 16, "channels": (4, 6), "blocks": (1, 1), "lstm_layers": 2, "lstm_units": 5, "dropout": 0.0}


def arrays(tensors: Any) -> list[Any]:
    return [keras.ops.convert_to_numpy(t) for t in tensors]


def pair(architecture: Any) -> tuple[Any, Any]:
    """A model in Keras' own layers, and one of the same weights with the kernels."""
    keras.utils.set_random_seed(1)
    plain, fused = ctc_model(architecture, 5), ctc_model(architecture, 5)
    rng = np.random.default_rng(1)
    plain.set_weights([np.abs(w) + rng.uniform(0.0, 0.2, w.shape) for w in plain.get_weights()])
    fused.set_weights(plain.get_weights())
    take_torch_kernels(fused.network)
    return plain, fused


def batch(architecture: Any) -> tuple[Any, Any]:
    rule = architecture.input_rule
    width = rule.width or 48
    x = np.random.default_rng(2).integers(0, 256, (3, rule.height, width, 1), np.uint8)
    frames = np.full(3, rule.frames(width), np.int32)
    return x, (np.array([[1, 2, 0], [3, 3, 4], [1, 0, 0]], np.int32), np.array([2, 3, 1], np.int32), frames)


@pytest.fixture(params=[CRNN(**TINY), Simple(dropout=0.0)], ids=["crnn", "simple"])
def architecture(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_readings_are_the_same(architecture: Any) -> None:
    plain, fused = pair(architecture)
    x, _ = batch(architecture)
    assert fused.predict_on_batch(x) == pytest.approx(plain.predict_on_batch(x), abs=1e-4)


def test_training_computes_the_same_loss_and_gradients(architecture: Any) -> None:
    x, y = batch(architecture)
    x, y = keras.ops.convert_to_tensor(x), tuple(map(keras.ops.convert_to_tensor, y))
    losses, gradients, averages = [], [], []
    for model in pair(architecture):
        loss = model.compute_loss(x, y, model(x, training=True), training=True)
        loss.backward()
        losses.append(loss.item())
        gradients.append(arrays(variable.value.grad for variable in model.trainable_variables))
        values = zip(model.variables, arrays(model.variables), strict=True)
        averages.append({v.path: value for v, value in values if "moving" in v.path})
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    for ours, keras_own in zip(gradients[1], gradients[0], strict=True):
        assert np.abs(ours - keras_own).max() <= 1e-3 * max(1.0, float(np.abs(keras_own).max()))
    # a channel has at least so many values: the unbiased estimate of the variance is that much larger, no more
    least = x.shape[0] * 2
    for (path, ours), keras_own in zip(averages[1].items(), averages[0].values(), strict=True):
        factor = least / (least - 1) if "variance" in path else 1.0
        assert np.all(ours >= keras_own - 1e-4)
        assert np.all(ours <= keras_own * factor + 1e-4)


def test_a_frozen_normalisation_does_not_follow() -> None:
    _, fused = pair(CRNN(**TINY))
    x, _ = batch(CRNN(**TINY))
    fused.network.trainable = False
    before = fused.get_weights()
    fused(x, training=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, fused.get_weights(), strict=True))


def test_what_the_kernels_cannot_do_is_left_to_keras() -> None:
    def network() -> Any:
        ink = keras.Input((8, 6))
        x = layers.Masking(0.0)(ink)
        x = layers.BatchNormalization()(x)
        x = layers.LSTM(3, return_sequences=True)(x)  # masked
        x = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
        x = layers.LSTM(3, activation="relu", return_sequences=True)(x)
        x = layers.SimpleRNN(3, return_sequences=True)(x)
        x = layers.BatchNormalization(scale=False)(x)
        return keras.Model(ink, layers.LSTM(3)(x))

    plain, fused = network(), network()
    fused.set_weights(plain.get_weights())
    take_torch_kernels(fused)
    x = np.random.default_rng(0).random((2, 8, 6)).astype(np.float32)
    x[1, 5:] = 0.0
    assert fused.predict_on_batch(x) == pytest.approx(plain.predict_on_batch(x), abs=1e-5)
    assert arrays([fused(x, training=True)])[0] == pytest.approx(arrays([plain(x, training=True)])[0], abs=1e-5)


@pytest.mark.parametrize(("precision", "difference"), [("bfloat16", 0.05), ("float16", 0.01)])
def test_lower_precisions_read_the_same(architecture: Any, precision: str, difference: float) -> None:
    keras.config.set_dtype_policy(f"mixed_{precision}")
    try:
        plain, fused = pair(architecture)
    finally:
        keras.config.set_dtype_policy("float32")
    x, y = batch(architecture)
    read, expected = fused.predict_on_batch(x), plain.predict_on_batch(x)
    assert read.dtype == np.float32
    assert np.exp(read) == pytest.approx(np.exp(expected), abs=difference)
    if precision == "bfloat16":  # a float16 gradient needs the optimizer that scales the loss
        x, y = keras.ops.convert_to_tensor(x), tuple(map(keras.ops.convert_to_tensor, y))
        gradients = []
        for model in (plain, fused):
            model.compute_loss(x, y, model(x, training=True), training=True).backward()
            gradients.append(
                np.concatenate([g.ravel() for g in arrays(v.value.grad for v in model.trainable_variables)])
            )
        ours, keras_own = gradients
        assert np.linalg.norm(ours - keras_own) <= 0.1 * np.linalg.norm(keras_own)


LOAD = """
import sys, keras, numpy as np
network = keras.saving.load_model(sys.argv[1], compile=False)
assert keras.config.backend() == "tensorflow"
np.save(sys.argv[3], network.predict_on_batch(np.load(sys.argv[2])))
"""


def test_the_saved_network_is_plain_keras_for_any_backend(tmp_path: Path) -> None:
    architecture = CRNN(**TINY)
    _, fused = pair(architecture)
    x, _ = batch(architecture)
    fused.network.save(tmp_path / "a.keras")
    np.save(tmp_path / "x.npy", x)
    paths = [str(tmp_path / name) for name in ("a.keras", "x.npy", "y.npy")]
    subprocess.run([sys.executable, "-c", LOAD, *paths], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, check=True)
    assert np.load(tmp_path / "y.npy") == pytest.approx(fused.predict_on_batch(x), abs=1e-4)
