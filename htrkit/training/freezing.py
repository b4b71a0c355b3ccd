"""Fine-tuning a part of a network: which layers stay as they are, and for how long."""

from __future__ import annotations

from dataclasses import replace

import keras

from htrkit.errors import UsageError
from htrkit.training.optimizer import optimizer
from htrkit.training.settings import TrainSettings


def thaw_epoch(settings: TrainSettings) -> int:
    """The last epoch, counted from 1, in which something is frozen; 0 if nothing ever is."""
    if settings.freeze is None:
        return 0
    return settings.epochs if settings.freeze_epochs is None else min(settings.epochs, settings.freeze_epochs)


def set_frozen(network: keras.Model, part: str | None, frozen: bool) -> None:
    """Freeze or thaw a part of a network: ``convolutions``, ``body`` or None.

    A frozen layer keeps its weights and the averages of its normalisation, and costs no gradients.

    Raises
    ------
    UsageError
        If the network has no recurrent layer, and so no convolutions before one.
    """
    if part:
        for layer in _part(network, part):
            layer.trainable = not frozen


def compile_for(model: keras.Model, settings: TrainSettings, epoch: int, steps: int) -> None:
    """Freeze what is frozen in an epoch, counted from 1, and compile the model with a new optimizer.

    The epochs that freeze something and those that do not have a schedule of the learning rate each.

    Parameters
    ----------
    model
        A `htrkit.training.ctc_model.CTCModel`.
    steps
        In an epoch.
    """
    last = thaw_epoch(settings)
    set_frozen(model.network, settings.freeze, epoch <= last)
    epochs = last if epoch <= last else max(1, settings.epochs - last)
    # XLA: without it JAX computes one operation at a time; TensorFlow would compile every width of line anew
    jit_compile = keras.config.backend() == "jax"
    model.compile(optimizer=optimizer(replace(settings, epochs=epochs), steps), jit_compile=jit_compile)
    model.optimizer.build(model.trainable_variables)


def _part(network: keras.Model, name: str) -> list[keras.layers.Layer]:
    """The layers of a part: all before the first recurrent one, or all but the one whose outputs are the labels."""
    layers = [layer for layer in network.layers if layer.weights]
    if name == "body":
        return layers[:-1]
    recurrent = [
        i for i, layer in enumerate(layers) if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)
    ]
    if not recurrent:
        raise UsageError("there are no recurrent layers in this network: --freeze body freezes all but the output")
    return layers[: recurrent[0]]
