"""A larger `crnn` that reads as a smaller one did: what is new adds nothing until it has learnt something.

T. Chen, I. Goodfellow, J. Shlens, "Net2Net: Accelerating Learning via Knowledge Transfer", ICLR 2016, began larger
networks so. Their new units are copies of old ones; here they begin anew, and nothing listens to them yet.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

GATES, DIRECTIONS = 4, 2


def grow(network: keras.Model, smaller: keras.Model) -> None:
    """Give a network of `htrkit.training.architectures.crnn.CRNN` the weights of one of the same labels that has fewer
    residual blocks in a stage, or fewer units in its LSTM layers. Raises ValueError if anything else differs.
    """
    if network.input_shape != smaller.input_shape:
        raise ValueError("the input has another size")
    for stage, old_stage in zip(_stages(network), _stages(smaller), strict=True):
        for block, old_block in zip(stage[: len(old_stage)], old_stage, strict=True):
            for layer, old_layer in zip(block, old_block, strict=True):
                layer.set_weights(old_layer.get_weights())
        for block in stage[len(old_stage) :]:
            gamma, *others = block[-1].get_weights()  # of the normalisation before the sum
            block[-1].set_weights([np.zeros_like(gamma), *others])
    parts = 1  # of what a layer is given: the columns, or both directions of the layer before
    for layer, old_layer in zip(_behind_columns(network), _behind_columns(smaller), strict=True):
        if isinstance(layer, layers.Bidirectional):
            _widen(layer, old_layer, parts)
        else:
            kernel, bias = old_layer.get_weights()
            layer.set_weights([_spread(kernel, layer.kernel.shape[0], parts), bias])
        parts = DIRECTIONS


def _stages(network: keras.Model) -> list[list[list[Any]]]:
    """The convolutions and normalisations of each block of each stage; the stem is a stage of one."""
    stages: list[list[list[Any]]] = [[[]]]
    for layer in network.layers:
        if isinstance(layer, layers.MaxPooling2D):
            stages.append([[]])
        elif isinstance(layer, layers.Add):
            stages[-1].append([])
        elif isinstance(layer, layers.Conv2D | layers.BatchNormalization):
            stages[-1][-1].append(layer)
    return [[block for block in stage if block] for stage in stages]


def _behind_columns(network: keras.Model) -> list[Any]:
    return [layer for layer in network.layers if isinstance(layer, layers.Bidirectional | layers.Dense)]


def _widen(layer: Any, old_layer: Any, parts: int) -> None:
    """Give an LSTM layer a smaller one's units, which do not hear the further ones."""
    weights = [np.array(each) for each in layer.get_weights()]
    old_weights = old_layer.get_weights()
    each = len(weights) // DIRECTIONS
    for first in range(0, len(weights), each):
        kernel, recurrent, bias = weights[first : first + each]
        old_kernel, old_recurrent, old_bias = old_weights[first : first + each]
        units = np.arange(len(bias)).reshape(GATES, -1)[:, : len(old_recurrent)].reshape(-1)
        kernel[:, units] = _spread(old_kernel, len(kernel), parts)
        recurrent[:, units] = _spread(old_recurrent, len(recurrent), 1)
        bias[units] = old_bias
    layer.set_weights(weights)


def _spread(rows: NDArray[Any], count: int, parts: int) -> NDArray[Any]:
    """So many rows: the given ones at the beginning of each part, and zeros."""
    spread = np.zeros((parts, count // parts, rows.shape[1]), rows.dtype)
    spread[:, : len(rows) // parts] = rows.reshape(parts, -1, rows.shape[1])
    return spread.reshape(count, -1)
