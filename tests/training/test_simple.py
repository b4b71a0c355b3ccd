"""The tutorial's network: its shapes, its size, and its ONNX twin."""

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.encoders.input import InputRule
from htrkit.training.architectures.simple import Simple


@pytest.fixture(scope="module")
def network():
    return Simple().build(80)


def test_it_gives_32_frames_of_80_labels_for_a_128x32_image(network):
    assert Simple.input_rule == InputRule(height=32, width=128, frames_per_pixel=0.25)
    assert network.input_shape == (None, 32, 128, 1)
    assert network.output_shape == (None, 32, 80)
    log_probs = network.predict_on_batch(np.zeros((2, 32, 128, 1), np.float32))
    assert log_probs.shape == (2, 32, 80)
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=2), 1.0, atol=1e-5)


def test_its_convolutions_and_lstm_layers_are_the_tutorials(network):
    convolutions = [layer for layer in network.layers if type(layer).__name__ == "Conv2D"]
    assert [layer.kernel_size for layer in convolutions] == [(5, 5), (5, 5), (3, 3), (3, 3), (3, 3)]
    assert [layer.filters for layer in convolutions] == [32, 64, 128, 128, 256]
    recurrent = [layer for layer in network.layers if type(layer).__name__ == "Bidirectional"]
    assert [layer.forward_layer.units for layer in recurrent] == [256, 256]


def test_its_parameters_are_counted(network):
    channels = [1, 32, 64, 128, 128, 256]
    kernels = [5, 5, 3, 3, 3]
    convolutions = sum(k * k * a * b for k, a, b in zip(kernels, channels[:-1], channels[1:], strict=True))
    normalisation = 4 * sum(channels[1:])
    lstm = sum(2 * 4 * 256 * (inputs + 256 + 1) for inputs in (256, 512))
    assert network.count_params() == convolutions + normalisation + lstm + (512 + 1) * 80 == 3_237_104
