"""Run a network with ONNX Runtime: the default encoder."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime

from htrkit.encoders.input import InputRule
from htrkit.errors import ModelError
from htrkit.types import Line, LogProbs

# Lines of any width are padded to a multiple of this many pixels, whatever else is in the batch:
# what is read on a line then never depends on its neighbours.
WIDTH_STEP = 32


class OnnxEncoder:
    """An encoder over ``encoder.onnx``.

    Parameters
    ----------
    network
        The ONNX file's content.
    rule
        The size of image that the network wants.
    n_labels
        Labels that its output must have.
    threads
        CPU threads, 0 for one a core.
    batch_size
        Images to run through the network at once.

    Raises
    ------
    ModelError
        If the file is no ONNX network, or its input or output does not fit ``rule`` and ``n_labels``.
    """

    def __init__(
        self, network: bytes, rule: InputRule, n_labels: int, *, threads: int = 0, batch_size: int = 16
    ) -> None:
        settings = onnxruntime.SessionOptions()
        # one thread a batch, and batches side by side: that keeps the cores busier than sharing out one batch's work
        settings.intra_op_num_threads = 1
        settings.log_severity_level = 4  # what goes wrong is raised, in one sentence, below
        try:
            self._session = onnxruntime.InferenceSession(network, settings, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises classes of its own that share no other base
            raise ModelError(f"the network cannot be loaded: {_first_line(error)}") from error
        self.rule, self.batch_size, self.threads = rule, batch_size, threads or os.cpu_count() or 1
        self._check(n_labels)
        self._input = self._session.get_inputs()[0].name

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, in order, without padding frames."""
        encoded: list[LogProbs] = [np.zeros((0, 0), np.float32)] * len(lines)

        def run(bucket: tuple[int, list[int]]) -> None:
            width, members = bucket
            batch = np.zeros((len(members), self.rule.height, width, 1), np.float32)
            widths = []
            for row, i in zip(batch, members, strict=True):
                ink = self.rule.fit(lines[i].pixels)
                row[:, : ink.shape[1], 0] = ink
                widths.append(ink.shape[1])
            outputs = self._session.run(None, {self._input: batch})[0]
            for i, ink_width, log_probs in zip(members, widths, outputs, strict=True):
                encoded[i] = np.ascontiguousarray(log_probs[: self.rule.frames(ink_width)])

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, self._buckets(lines)))
        return encoded

    def _buckets(self, lines: Sequence[Line]) -> Iterator[tuple[int, list[int]]]:
        """Batches of one padded width: the width, and the places of the lines."""
        buckets: dict[int, list[int]] = {}
        for i, line in enumerate(lines):
            width = self.rule.fitted_size(*line.pixels.shape)[1]
            buckets.setdefault(self.rule.width or math.ceil(width / WIDTH_STEP) * WIDTH_STEP, []).append(i)
        for width, members in buckets.items():
            for start in range(0, len(members), self.batch_size):
                yield width, members[start : start + self.batch_size]

    def _check(self, n_labels: int) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1 or len(inputs[0].shape) != 4 or len(outputs[0].shape) != 3:
            raise ModelError("the network is not one that takes images and gives frames of labels")
        _, height, width, channels = inputs[0].shape
        if height != self.rule.height or channels != 1 or (isinstance(width, int) and width != self.rule.width):
            raise ModelError(
                f"the network wants images of {height} x {width} x {channels}, "
                f"model.json says {self.rule.height} x {self.rule.width or 'any'} x 1"
            )
        frames, labels = outputs[0].shape[1:]
        if self.rule.width and isinstance(frames, int) and frames != self.rule.frames(self.rule.width):
            raise ModelError(f"the network gives {frames} frames, model.json says {self.rule.frames(self.rule.width)}")
        if labels != n_labels:
            raise ModelError(
                f"the network gives {labels} labels, the alphabet needs {n_labels}: they do not belong together"
            )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
