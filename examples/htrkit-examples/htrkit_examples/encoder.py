"""An encoder that is less sure of itself than the network that it runs."""

from collections.abc import Sequence

import numpy as np

from htrkit import Line, LogProbs, UsageError
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.model import Model


class Softened:
    """Runs the model's network, and evens its probabilities out: what a language model says then counts for more.

    Parameters
    ----------
    model
        Whose network.
    threads
        CPU threads, 0 for one a core.
    temperature
        What the logarithms are divided by; 1 changes nothing.
    """

    def __init__(self, model: Model, threads: int, *, temperature: float = 1.5) -> None:
        if temperature <= 0:
            raise UsageError(f"temperature is {temperature}, but it must lie above 0")
        self.network, self.temperature = OnnxEncoder(model, threads), temperature

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, (frames, labels), in the same order."""
        return [self._softened(log_probs) for log_probs in self.network.encode(lines)]

    def _softened(self, log_probs: LogProbs) -> LogProbs:
        scores = log_probs / np.float32(self.temperature)
        return np.asarray(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
