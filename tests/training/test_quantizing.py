"""Networks in integers: they read as the floats do, one line at a time, or are not taken."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

import keras
from keras import layers

from htrkit.alphabet import Alphabet
from htrkit.decoders.best_path import BestPath
from htrkit.encoders.input import InputRule
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import PluginError
from htrkit.model import NETWORK, Model
from htrkit.training import quantizing
from htrkit.training.architectures.crnn import CRNN
from htrkit.training.architectures.simple import Simple
from htrkit.training.export import save_network
from htrkit.training.quantizing import quantized
from htrkit.types import Line, Pixels, Sample
from tests.training.operators import operators_of
from tests.training.quiet import Quiet

RNG = np.random.default_rng(0)
CRNN_OPTIONS: dict[str, Any] = {"height": 32, "channels": [8, 16], "lstm_layers": 1, "lstm_units": 16}


def written(build: Callable[[int], keras.Model], rule: InputRule, folder: Path) -> Model:
    """A model of random weights, not too sure of anything."""
    keras.utils.set_random_seed(1)
    alphabet = Alphabet("abcd")
    network = build(alphabet.n_labels)
    *_, output = (layer for layer in network.layers if layer.weights)
    kernel, bias = output.get_weights()
    output.set_weights([8 * kernel, bias])
    folder.mkdir()
    how = {"encoder": "onnx", "preprocess": (), "decoder": "best-path", "architecture": "", "architecture_options": {}}
    checksums = save_network(network, folder)
    return Model(folder=folder, name="m", alphabet=alphabet, input_rule=rule, checksums=checksums, **how)


def lines(count: int, height: int = 32) -> list[Line]:
    """Strokes on paper, of many widths."""
    found = []
    for number in range(count):
        pixels = np.full((height, int(RNG.integers(40, 200))), 250, np.uint8)
        for column in RNG.integers(2, pixels.shape[1] - 4, 12):
            pixels[int(RNG.integers(0, 20)) : int(RNG.integers(20, 32)), column : column + 3] = RNG.integers(0, 90)
        found.append(Line(str(number), pixels))
    return found


def pixels_of(of: list[Line]) -> list[Pixels]:
    return [line.pixels for line in of]


def truths(model: Model, of: list[Line]) -> list[Sample]:
    """What the model reads is what is true."""
    decoder = BestPath(model.alphabet)
    read = OnnxEncoder(model, 1).encode(of)
    return [Sample(line, decoder.decode(one)[0].text) for line, one in zip(of, read, strict=True)]


@pytest.mark.parametrize("architecture", [CRNN(**CRNN_OPTIONS), CRNN(height=32, blocks=[1, 2]), Simple()])
def test_it_reads_as_in_floats_and_a_line_alone_as_among_others(
    architecture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    model, given, progress = written(architecture.build, architecture.input_rule, tmp_path / "m"), lines(12), Quiet()
    before, on_path = OnnxEncoder(model, 1).encode(given), list(sys.path)
    monkeypatch.setattr(quantizing, "WORSE", 1.0)  # of what nobody trained, labels are often as good as equal
    capfd.readouterr()
    in_integers = quantized(model, pixels_of(lines(20)), truths(model, given), progress)
    assert capfd.readouterr() == ("", "")
    assert sys.path == on_path
    assert [note for note in progress.notes if note.startswith("the network reads in integers: CER ")]
    assert in_integers.checksums != model.checksums

    encoder = OnnxEncoder(in_integers, 2)
    assert encoder.batch_size == 1
    together = encoder.encode(given)
    for line, one, floats in zip(given, together, before, strict=True):
        np.testing.assert_array_equal(encoder.encode([line])[0], one)
        assert np.abs(np.exp(one) - np.exp(floats)).max() < 0.15
        assert np.abs(np.exp(one) - np.exp(floats)).mean() < 0.02
    operators = operators_of(in_integers)
    assert "LSTM" not in operators
    assert operators.count("DynamicQuantizeLSTM") >= 1
    assert operators.count("QuantizeLinear") >= 4


def test_layers_that_are_not_faster_stay_as_they_are(tmp_path: Path) -> None:
    rule = InputRule(height=32, width=None, frames_per_pixel=1.0)

    def convolved(n_labels: int) -> keras.Model:
        ink = keras.Input((32, None, 1))
        x = layers.Conv2D(8, 3, padding="same", activation="relu")(ink)
        x = layers.Conv2D(n_labels, (32, 1))(x)
        return keras.Model(ink, layers.Activation("log_softmax")(layers.Reshape((-1, n_labels))(x)))

    model = written(convolved, rule, tmp_path / "convolved")
    in_integers = quantized(model, pixels_of(lines(8)), [Sample(lines(1)[0], "")], Quiet())
    assert "QuantizeLinear" in operators_of(in_integers)
    assert OnnxEncoder(in_integers, 1).batch_size > 1  # without LSTM, lines can be beside each other

    def dense(n_labels: int) -> keras.Model:
        ink = keras.Input((32, None, 1))
        x = layers.Dense(n_labels)(layers.Reshape((-1, 32))(layers.Permute((2, 1, 3))(ink)))
        return keras.Model(ink, layers.Activation("log_softmax")(x))

    model, progress = written(dense, rule, tmp_path / "dense"), Quiet()
    assert quantized(model, pixels_of(lines(8)), [], progress) == model
    assert progress.notes == ["the network stays in floats: it has no layers that are faster in integers"]


@pytest.mark.parametrize(("in_integers", "stays"), [(0.1019, False), (0.1021, True)])
def test_what_reads_worse_is_not_taken(
    in_integers: float, stays: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = CRNN(**CRNN_OPTIONS)
    model, progress = written(architecture.build, architecture.input_rule, tmp_path / "m"), Quiet()
    content, cers = (tmp_path / "m" / NETWORK).read_bytes(), iter((in_integers, 0.1))
    monkeypatch.setattr(quantizing, "_cer", lambda *_: next(cers))
    found = quantized(model, pixels_of(lines(4)), [], progress)
    assert (found == model) == stays
    assert ((tmp_path / "m" / NETWORK).read_bytes() == content) == stays
    where = "stays in floats" if stays else "reads in integers"
    assert progress.notes == [f"the network {where}: CER {in_integers:.2%} in integers, 10.00% in floats"]


def test_ranges_that_fit_nothing_are_noticed(tmp_path: Path) -> None:
    architecture = CRNN(**CRNN_OPTIONS)
    model, of, progress = written(architecture.build, architecture.input_rule, tmp_path / "m"), lines(6), Quiet()
    blank = [np.full((32, 64), 250, np.uint8)]  # nothing is ever larger than what a blank line makes
    assert quantized(model, blank, truths(model, of), progress) == model
    assert [note for note in progress.notes if note.startswith("the network stays in floats: CER ")]


def test_a_line_that_fails_counts_as_empty_and_groups_count_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = CRNN(**CRNN_OPTIONS)
    model, given = written(architecture.build, architecture.input_rule, tmp_path / "m"), lines(5)
    right = truths(model, given)
    samples = [replace(one, groups={"hand": "b" if i == 4 else "a"}) for i, one in enumerate(right)]
    encode = OnnxEncoder.encode

    def failing(self: OnnxEncoder, of: list[Line]) -> Any:
        if any(line.id == given[4].id for line in of):
            raise PluginError("needed too much memory")
        return encode(self, of)

    assert quantizing._cer(model, samples, "hand") == 0.0
    monkeypatch.setattr(OnnxEncoder, "encode", failing)
    assert quantizing._cer(model, samples, "hand") == 0.5
    letters = sum(len(one.text) for one in right)
    assert quantizing._cer(model, samples, None) == pytest.approx(len(right[4].text) / letters)


def test_a_network_that_cannot_be_quantized_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = CRNN(**CRNN_OPTIONS)
    model, progress = written(architecture.build, architecture.input_rule, tmp_path / "m"), Quiet()

    def broken(*_: Any) -> None:
        raise RuntimeError("no such operator\nand more")

    monkeypatch.setattr(quantizing, "quantize", broken)
    assert quantized(model, pixels_of(lines(2)), [], progress) == model
    assert progress.notes == ["the network stays in floats: no such operator"]
