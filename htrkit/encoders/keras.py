"""Run a network with Keras: slower than ONNX Runtime, and what training compares its export with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from htrkit.encoders.input import InputRule
from htrkit.types import Line, LogProbs


class KerasEncoder:
    """An encoder over ``encoder.keras``, or over a network in memory.

    Parameters
    ----------
    network
        The network, or the path of its ``.keras`` file.
    rule
        The size of image that it wants.
    """

    def __init__(self, network: keras.Model | Path, rule: InputRule) -> None:
        self.network = keras.saving.load_model(network, compile=False) if isinstance(network, Path) else network
        self.rule = rule

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, in order, one line at a time where the network takes any width."""
        inks = [self.rule.fit(line.pixels)[None, :, :, None] for line in lines]
        if not inks:
            return []
        if self.rule.width is None:
            outputs = [self.network.predict_on_batch(ink)[0] for ink in inks]
        else:
            outputs = list(self.network.predict(np.concatenate(inks), verbose=0))
        return [np.asarray(output, np.float32) for output in outputs]
