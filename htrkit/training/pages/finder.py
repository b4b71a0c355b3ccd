"""The network that is trained to find lines, and its loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from htrkit.pages.lines.maps import MULTIPLE

# Shares of the loss, and how much more a cell of the rare kind counts.
HEIGHTS, OVERLAP = 0.5, 0.5
SHARES = (1.0, 0.5, 0.5, 0.25)
RARE = (3.0, 6.0, 6.0, 1.0)


class LineFinder(keras.Model):  # type: ignore[misc]
    """Trains ``network``, whose output are `htrkit.pages.lines.maps.CHANNELS`, raw, on `TARGETS`."""

    def __init__(self, network: keras.Model) -> None:
        super().__init__()
        self.network = network
        self.build((None, 4 * MULTIPLE, 4 * MULTIPLE, 1))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The raw maps."""
        return self.network(inputs, training=training)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Cross-entropy of probabilities, overlap of base lines and ends, smooth L1 of the heights' logarithms."""
        return loss(y, y_pred)


def loss(targets: Any, raw: Any) -> Any:
    """One number for a batch."""
    raw, targets = ops.cast(raw, "float32"), ops.cast(targets, "float32")
    truth, logits, weight = targets[..., :4], raw[..., :4], targets[..., 7:]
    shares, rare = ops.convert_to_tensor(SHARES), ops.convert_to_tensor(RARE)
    # softplus(-z) = -ln sigmoid(z)
    entropy = rare * truth * ops.softplus(-logits) + (1.0 - truth) * ops.softplus(logits)
    total = ops.sum(ops.mean(entropy * weight, axis=(0, 1, 2)) * shares) / ops.sum(shares)
    found = ops.sigmoid(logits[..., :3]) * weight
    both = ops.sum(found * truth[..., :3], axis=(0, 1, 2))
    either = ops.sum(found + truth[..., :3] * weight, axis=(0, 1, 2))
    total = total + OVERLAP * ops.mean(1.0 - (2.0 * both + 1.0) / (either + 1.0))
    measured = targets[..., 6:7]
    off = ops.abs(raw[..., 4:6] - targets[..., 4:6])
    smooth = ops.where(off < 0.25, 2.0 * off * off, off - 0.125)
    return total + HEIGHTS * ops.sum(smooth * measured) / (2.0 * ops.sum(measured) + 1.0)
