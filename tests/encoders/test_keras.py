"""The Keras encoder reads what the ONNX encoder reads, with the network that can be trained further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from htrkit import Recognizer, plugins
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import ModelError
from htrkit.files import file_digest
from htrkit.model import NETWORK, TRAINABLE, Model, save_description
from htrkit.types import Line
from tests import tiny_model
from tests.strangers import declaring

keras = pytest.importorskip("keras", reason="the encoder keras needs htrkit[train]")

from htrkit.encoders.keras import KerasEncoder  # noqa: E402
from htrkit.training.export import save_network  # noqa: E402

LINES = [Line(text, tiny_model.draw(text)) for text in ("ab", "", "bba")]


BARS = """
    import keras

    class Bars:
        def build(self, n_labels):
            layers = keras.layers
            start = [layers.Input((32, 128, 1)), layers.AveragePooling2D((32, 4)), layers.Reshape((32, 1))]
            return keras.Sequential([*start, layers.Dense(n_labels, activation="log_softmax")])
    """


@pytest.fixture
def model(tmp_path: Path, stranger: Callable[..., None]) -> Model:
    """The model that reads bars, with its network for Keras."""
    stranger("acme-bars", dedent(declaring("architecture", "bars", "acme_bars:Bars")) + dedent(BARS))
    network = plugins.create("architecture", "bars").build(3)
    network.set_weights([np.array([[0.0, 60.0, 30.0]]), np.array([0.0, -27.0, -6.0])])
    network.save(tmp_path / TRAINABLE)
    written = tiny_model.write(tmp_path, encoder="keras", architecture="bars")
    written = replace(written, checksums={name: file_digest(tmp_path / name) for name in (NETWORK, TRAINABLE)})
    save_description(written)
    return written


def test_it_reads_what_the_onnx_encoder_reads(model: Model) -> None:
    encoders = KerasEncoder(model, 1), OnnxEncoder(model, 1)
    for one, other in zip(*(encoder.encode(LINES) for encoder in encoders), strict=True):
        np.testing.assert_allclose(np.exp(one), np.exp(other), atol=1e-5)
    one, other = (encoder.frame_edges(Line("x", np.zeros((40, 90), np.uint8))) for encoder in encoders)
    np.testing.assert_array_equal(one, other)
    assert KerasEncoder(model, 1).encode([]) == []


@pytest.mark.parametrize("width", [36, 39, 41])
def test_it_reads_lines_of_any_width_as_the_onnx_encoder_does(tmp_path: Path, width: int) -> None:
    options = {"height": 16, "margin": 0.2, "word_margin": 0.1, "channels": [4, 4], "lstm_units": 4}
    architecture = plugins.create("architecture", "crnn", **options)
    written = tiny_model.write(tmp_path, rule=architecture.input_rule, encoder="keras", architecture="crnn")
    checksums = save_network(architecture.build(3), tmp_path)
    written = replace(written, architecture_options=options, checksums=checksums)
    line = Line("x", np.arange(16 * width, dtype=np.uint8).reshape(16, width))
    (one,), (other,) = (encoder(written, 1).encode([line]) for encoder in (KerasEncoder, OnnxEncoder))
    np.testing.assert_allclose(np.exp(one), np.exp(other), atol=1e-5)
    assert len(one) == len(KerasEncoder(written, 1).frame_edges(line)) - 1


def test_a_model_may_be_read_with_keras(model: Model) -> None:
    results = Recognizer.load(model.folder).recognize(LINES)
    assert [getattr(result, "text", result) for result in results] == ["ab", "", "bba"]


def test_a_network_that_is_missing_altered_or_none_is_refused(model: Model) -> None:
    path = model.folder / TRAINABLE
    path.write_bytes(b"no network")
    with pytest.raises(ModelError, match="altered"):
        KerasEncoder(model, 1)
    with pytest.raises(ModelError, match=r"encoder\.keras cannot be loaded"):
        KerasEncoder(replace(model, checksums={TRAINABLE: file_digest(path)}), 1)
    with pytest.raises(ModelError, match=r"comes without encoder\.keras"):
        KerasEncoder(replace(model, checksums={}), 1)
