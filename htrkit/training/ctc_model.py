"""A network with the CTC loss over true lengths."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from htrkit.alphabet import BLANK


class CTCModel(keras.Model):  # type: ignore[misc]
    """Trains ``network``, whose output is (batch, frames, labels) log probabilities, with the CTC loss.

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
        return network(inputs, training=training)

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


def _ctc_loss(targets: Any, log_probs: Any) -> Any:
    labels, n_labels, n_frames = targets
    return ops.mean(ops.ctc_loss(labels, log_probs, n_labels, n_frames, mask_index=BLANK))
