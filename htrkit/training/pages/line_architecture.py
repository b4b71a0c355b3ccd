"""The network that finds lines: small, U-shaped, of convolutions; its maps have a quarter of the page's resolution."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from htrkit.pages.lines.maps import CHANNELS, HEIGHT_RANGE, HEIGHT_UNIT

# Writing is rare: probabilities begin low.
FIRST_BIAS = (-3.0, -4.0, -4.0, -1.0, 0.6, 0.0)


def build(
    stem: int = 16, channels: tuple[int, int, int] = (32, 64, 96), dilations: tuple[int, ...] = (1, 2, 4, 8)
) -> keras.Model:
    """The network: (batch, height, width, 1) ink in 0..1 to raw (batch, height / 4, width / 4, 6) maps.

    The maps are `htrkit.pages.lines.maps.CHANNELS`: probabilities as logits, heights as logarithms of `HEIGHT_UNIT`.

    Parameters
    ----------
    stem
        Channels at half the resolution.
    channels
        At a quarter, an eighth and a sixteenth.
    dilations
        Of the blocks at the lowest resolution: with the default, a cell sees about 600 pixels to each side.
    """
    fine, middle, coarse = channels
    ink = keras.Input((None, None, 1), name="ink")
    x = _convolved(ink, stem, 5, 2)
    quarter = _residual(_convolved(x, fine, 3, 2))
    eighth = _residual(_residual(_convolved(quarter, middle, 3, 2)))
    x = _convolved(eighth, coarse, 3, 2)
    for dilation in dilations:
        x = _residual(x, dilation)
    x = _joined(x, eighth, middle)
    x = _joined(x, quarter, fine)
    output = layers.Conv2D(len(CHANNELS), 1, dtype="float32", name="maps")
    network = keras.Model(ink, output(x), name="lines")
    output.bias.assign(FIRST_BIAS)
    return network


def reading(network: keras.Model) -> keras.Model:
    """The network whose output is what its maps mean: probabilities, and heights in pixels."""
    raw = network.output
    probabilities = ops.sigmoid(raw[..., :4])
    heights = ops.exp(ops.clip(raw[..., 4:], -HEIGHT_RANGE, HEIGHT_RANGE)) * HEIGHT_UNIT
    return keras.Model(network.input, ops.concatenate([probabilities, heights], axis=-1), name="lines")


def _convolved(x: Any, channels: int, size: int, stride: int = 1, dilation: int = 1) -> Any:
    x = layers.Conv2D(channels, size, stride, "same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


def _residual(x: Any, dilation: int = 1) -> Any:
    channels = x.shape[-1]
    y = _convolved(x, channels, 3, 1, dilation)
    y = layers.Conv2D(channels, 3, padding="same", dilation_rate=dilation, use_bias=False)(y)
    return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=0.98)(y)]))


def _joined(x: Any, skipped: Any, channels: int) -> Any:
    """The coarse features, twice as large, with the finer ones."""
    x = Doubled()(_convolved(x, channels, 1))
    return _residual(_convolved(layers.Concatenate()([x, skipped]), channels, 3))


@keras.saving.register_keras_serializable("htrkit")
class Doubled(layers.Layer):  # type: ignore[misc]
    """Maps of twice the height and width, bilinear; unlike Keras' own, exported for pages of any size."""

    def call(self, x: Any) -> Any:
        """(batch, height, width, channels) to (batch, 2 height, 2 width, channels)."""
        _, height, width, channels = ops.shape(x)
        before, after = ops.concatenate([x[:, :1], x[:, :-1]], axis=1), ops.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        x = ops.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis=2)
        x = ops.reshape(x, (-1, 2 * height, width, channels))
        before = ops.concatenate([x[:, :, :1], x[:, :, :-1]], axis=2)
        after = ops.concatenate([x[:, :, 1:], x[:, :, -1:]], axis=2)
        x = ops.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis=3)
        return ops.reshape(x, (-1, 2 * height, 2 * width, channels))

    def compute_output_shape(self, shape: Any) -> Any:
        """As far as it is known."""
        batch, height, width, channels = shape
        return batch, height and 2 * height, width and 2 * width, channels
