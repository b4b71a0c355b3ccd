"""Start a network from a trained model's weights: keep what fits, whatever the alphabet."""

from __future__ import annotations

import keras
import numpy as np

from htrkit.alphabet import BLANK, Alphabet
from htrkit.encoders.keras import load_network
from htrkit.errors import ModelError
from htrkit.model import Model


def start_from(network: keras.Model, alphabet: Alphabet, model: Model) -> list[str]:
    """Copy a model's weights into ``network``; output labels follow their characters.

    Returns
    -------
    The characters whose output weights start anew, since ``model`` does not know them.

    Raises
    ------
    ModelError
        If the model has no trainable network, or one of another architecture.
    """
    trained = load_network(model)
    pairs = list(zip(_weighted(network), _weighted(trained), strict=False))
    if len(_weighted(network)) != len(_weighted(trained)):
        raise ModelError(
            f"model {model.folder} has another architecture ({model.architecture}): --arch must name the same"
        )
    for layer, old in pairs[:-1]:
        try:
            layer.set_weights(old.get_weights())
        except ValueError as error:
            raise ModelError(f"model {model.folder} has another architecture: layer {old.name} does not fit") from error
    output, old_output = pairs[-1]
    weights, old_weights = output.get_weights(), old_output.get_weights()
    known = [c for c in alphabet.characters if c in model.alphabet]
    to = np.array([BLANK, *alphabet.encode("".join(known))])
    source = np.array([BLANK, *model.alphabet.encode("".join(known))])
    for values, old_values in zip(weights, old_weights, strict=True):
        values[..., to] = old_values[..., source]
    output.set_weights(weights)
    return [c for c in alphabet.characters if c not in model.alphabet]


def _weighted(network: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in network.layers if layer.weights]
