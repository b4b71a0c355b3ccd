"""The network that is trained: the CTC loss over true lengths, and the weights that it starts from."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from htrkit.alphabet import BLANK, Alphabet
from htrkit.errors import ModelError
from htrkit.model import TRAINABLE, Model
from htrkit.quoting import first_line
from htrkit.training.given import architecture_of


class CTCModel(keras.Model):  # type: ignore[misc]
    """Trains ``network``, whose output is (batch, frames, labels) log probabilities, with the CTC loss, on (batch,
    height, width, 1) uint8 ink.

    The targets are (labels, number of labels, number of frames), as ``Batches`` gives them: without the true
    lengths, Keras would take the padded width for every line's own.

    Parameters
    ----------
    network
        What is trained, and all that reads.
    auxiliary
        The same layers with a second output of the same shape, and the weight of that output's loss. It helps the
        layers that both share to learn, and is left behind with the training.
    """

    def __init__(self, network: keras.Model, auxiliary: tuple[keras.Model, float] | None = None) -> None:
        super().__init__()
        self.network = network
        # the name comes after "network": weights are saved once, under the first name that leads to them
        self.network_with_auxiliary: keras.Model | None = auxiliary[0] if auxiliary else None
        self.auxiliary_weight = auxiliary[1] if auxiliary else 0.0

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The network's log probabilities; in training those of the auxiliary output too, if there is one."""
        network = self.network_with_auxiliary if training and self.network_with_auxiliary else self.network
        return network(ops.cast(inputs, "float32") / 255.0, training=training)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Mean over the batch of -ln P(text | line), and the auxiliary output's, weighted."""
        main, *others = y_pred if isinstance(y_pred, list | tuple) else [y_pred]
        return sum((self.auxiliary_weight * _ctc_loss(y, other) for other in others), _ctc_loss(y, main))


def ctc_model(architecture: Any, n_labels: int) -> CTCModel:
    """An architecture's network, ready to be compiled, or to be given a checkpoint's weights."""
    network = architecture.build(n_labels)
    auxiliary = architecture.auxiliary(network) if hasattr(architecture, "auxiliary") else None
    model = CTCModel(network, auxiliary)
    rule = architecture.input_rule
    model.build((None, rule.height, rule.width, 1))
    return model


def trained_network(model: Model) -> keras.Model:
    """The network of a model on disk, to be trained further.

    Its architecture builds it, and only numbers are taken from the file, so a stranger's file can bring no code.

    Raises ModelError if the model has no trainable network, or one that its architecture does not build.
    """
    network = architecture_of(model).create().build(model.alphabet.n_labels)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / TRAINABLE
        path.write_bytes(model.file(TRAINABLE))
        try:
            network.load_weights(path)
        except Exception as error:  # Keras raises whatever its many layers raise
            raise ModelError(f"{model.folder / TRAINABLE} cannot be loaded: {first_line(error)}") from error
    return network


def start_from(architecture: Any, network: keras.Model, alphabet: Alphabet, model: Model) -> list[str]:
    """Copy a model's weights into an architecture's ``network``, which may be larger if the architecture can `grow` it.

    Output labels follow their characters, and those of new characters, which are returned, start anew. Raises
    ModelError as `trained_network`; also if it is another network.
    """
    old = trained_network(model)
    if _shapes(old) != _shapes(network):
        old = _grown(architecture, old, model)
    *layers, output = (layer for layer in network.layers if layer.weights)
    *old_layers, old_output = (layer for layer in old.layers if layer.weights)
    for layer, old_layer in zip(layers, old_layers, strict=True):
        layer.set_weights(old_layer.get_weights())
    weights = output.get_weights()
    known = "".join(c for c in alphabet.characters if c in model.alphabet)
    to, source = ([BLANK, *of.encode(known)] for of in (alphabet, model.alphabet))
    for values, old_values in zip(weights, old_output.get_weights(), strict=True):
        values[..., np.array(to)] = old_values[..., np.array(source)]
    output.set_weights(weights)
    return [c for c in alphabet.characters if c not in model.alphabet]


def _shapes(network: keras.Model) -> list[list[tuple[int, ...]]]:
    """Of all weights but the output's, which depend on the alphabet."""
    return [[tuple(each.shape) for each in layer.weights] for layer in network.layers if layer.weights][:-1]


def _grown(architecture: Any, smaller: keras.Model, model: Model) -> keras.Model:
    """The network of an architecture that reads as a smaller one, a model's, does."""
    other = ModelError(
        f"model {model.folder} has another network ({model.architecture}): --arch must name the same, or one that it "
        "can grow into"
    )
    if not hasattr(architecture, "grow"):
        raise other
    larger = architecture.build(model.alphabet.n_labels)
    try:
        architecture.grow(larger, smaller)
    except ValueError as error:
        raise other from error
    return larger


def _ctc_loss(targets: Any, log_probs: Any) -> Any:
    labels, n_labels, n_frames = targets
    return ops.mean(ops.ctc_loss(labels, log_probs, n_labels, n_frames, mask_index=BLANK))
