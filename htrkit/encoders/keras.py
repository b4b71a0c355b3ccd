"""Run a network with Keras: slower than ONNX Runtime, and what training compares its export with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from htrkit.encoders.input import stack
from htrkit.model import Model
from htrkit.training.network import trained_network
from htrkit.types import Line, LogProbs


class KerasEncoder:
    """Runs the network that can be trained further, with the backend that Keras is set to.

    Parameters
    ----------
    model
        Whose network.
    threads
        Not used: the backend has threads of its own.

    Raises
    ------
    ModelError
        If the model has no such network, or its architecture builds another.
    """

    def __init__(self, model: Model, threads: int) -> None:
        self.network, self.rule = trained_network(model), model.input_rule

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, in order, one line at a time where the network takes any width."""
        # as wide as the ONNX encoder makes them
        inks = [stack([self.rule.fit(line.pixels)], self.rule.padded_width(*line.pixels.shape)) for line in lines]
        if not inks:
            return []
        if self.rule.width is None:
            outputs = [self.network.predict_on_batch(ink)[0] for ink in inks]
        else:
            outputs = list(self.network.predict(np.concatenate(inks), verbose=0))
        frames = [self.rule.frames(self.rule.input_width(*line.pixels.shape)) for line in lines]
        return [np.asarray(output[:count], np.float32) for output, count in zip(outputs, frames, strict=True)]

    def frame_edges(self, line: Line) -> NDArray[np.float64]:
        """(frames + 1,): where each frame of a line begins and the last one ends, x in the line's pixels."""
        return self.rule.frame_edges(*line.pixels.shape)
