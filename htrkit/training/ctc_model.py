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
    """

    def __init__(self, network: keras.Model) -> None:
        super().__init__()
        self.network = network

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The network's log probabilities."""
        return self.network(inputs, training=training)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Mean over the batch of -ln P(text | line)."""
        labels, n_labels, n_frames = y
        return ops.mean(ops.ctc_loss(labels, y_pred, n_labels, n_frames, mask_index=BLANK))
