"""PyTorch's own kernels under Keras: `KERAS_BACKEND=torch` is the fastest way to train, above all without a GPU."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers


def take_torch_kernels(network: keras.Model) -> None:
    """Let a network's LSTM and normalisation layers compute in PyTorch's fused kernels, while it is trained.

    Keras' layers compute the normalisation's terms one after the other, in float32, and without a GPU also loop over
    the frames. The kernels compute the same; only the moving variance differs, by the factor n / (n - 1) of an
    unbiased estimate over the n values of a channel. Nothing of it is saved with the network. With another backend or
    in another precision than float32 and bfloat16, nothing is done.

    Where other layers compute in bfloat16, and the processor has instructions for it, the LSTM layers do so too, in
    half the time, whatever precision the architecture asks for with other backends' kernels in mind.
    """
    if keras.config.backend() != "torch":
        return
    on_cpu = all(weight.value.device.type == "cpu" for weight in network.weights)
    halved = any(layer.compute_dtype == "bfloat16" for layer in network.layers) and computes_in_bfloat16()
    for layer in network.layers:
        _take_batch_norm(layer)
        if on_cpu:  # on a GPU, Keras itself takes the kernel of an LSTM layer
            both = isinstance(layer, layers.Bidirectional)
            for lstm in (layer.forward_layer, layer.backward_layer) if both else (layer,):
                _take_lstm(lstm, halved)


def computes_in_bfloat16() -> bool:
    """Whether the processor has instructions for it."""
    import torch

    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _take_lstm(layer: Any, halved: bool) -> None:
    """What a kernel has no place for - other activations, dropout within - is left to Keras."""
    if type(layer) is not layers.LSTM or layer.compute_dtype != "float32":
        return
    cell = layer.cell
    form = (cell.activation.__name__, cell.recurrent_activation.__name__, cell.dropout, cell.recurrent_dropout)
    if form == ("tanh", "sigmoid", 0.0, 0.0) and cell.use_bias and layer.return_sequences:
        layer.inner_loop = partial(_lstm, layer, halved)


def _take_batch_norm(layer: Any) -> None:
    if type(layer) is not layers.BatchNormalization or layer.compute_dtype not in ("float32", "bfloat16"):
        return
    last = layer.axis in (-1, layer.input_spec.ndim - 1)
    if last and layer.center and layer.scale and not getattr(layer, "renorm", False):
        layer.call = partial(_batch_norm, layer)


def _lstm(layer: Any, halved: bool, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
    """In place of ``LSTM.inner_loop``: the last output, the outputs (batch, frames, units), and the states."""
    if mask is not None:
        return layers.LSTM.inner_loop(layer, sequences, initial_state, mask, training)
    import torch

    if layer.go_backwards:
        sequences = torch.flip(sequences, dims=[1])
    # the gates stand in the same order in both; PyTorch has a second bias
    bias = layer.cell.bias.value
    weights = [layer.cell.kernel.value.T, layer.cell.recurrent_kernel.value.T, bias, torch.zeros_like(bias)]
    states = [state.unsqueeze(0) for state in initial_state]
    given = sequences.dtype
    if halved:
        sequences, *states, weights = (
            sequences.bfloat16(),
            *(s.bfloat16() for s in states),
            [w.bfloat16() for w in weights],
        )
    # one layer without dropout in one direction, batch first
    outputs, *states = torch.lstm(sequences, states, weights, True, 1, 0.0, torch.is_grad_enabled(), False, True)
    outputs = outputs.to(given)
    return outputs[:, -1], outputs, [state[0].to(given) for state in states]


def _batch_norm(layer: Any, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
    """In place of ``BatchNormalization.call``, over the last axis; in training, the moving averages follow."""
    if mask is not None:
        return layers.BatchNormalization.call(layer, inputs, training=training, mask=mask)
    from torch.nn.functional import batch_norm

    outputs = batch_norm(
        inputs.movedim(-1, 1),
        layer.moving_mean.value,
        layer.moving_variance.value,
        layer.gamma.value,
        layer.beta.value,
        training=bool(training) and layer.trainable,
        momentum=1.0 - layer.momentum,
        eps=layer.epsilon,
    )
    return outputs.movedim(1, -1)
