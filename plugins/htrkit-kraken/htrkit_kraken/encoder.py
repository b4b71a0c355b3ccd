"""Recognition models of kraken's, run; with what takes long to load, so that htrkit does not count it as reading."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from htrkit import Line, LogProbs
from htrkit.model import Model
from htrkit_kraken.recognizer import PADDING, characters_of, network_of

for slow in ("torch", "coremltools", "kraken.lib.dataset", "kraken.models"):
    with suppress(ImportError):  # is told where it is needed
        importlib.import_module(slow)

NARROWEST = 8
"""A line is at least one such part of its height wide."""


class KrakenEncoder:
    """Runs a recognition model of kraken's, on lines scaled and padded as kraken does it.

    Parameters
    ----------
    model
        Made by `kraken_model`.
    threads
        CPU threads, 0 for as many as torch takes.
    file
        The model's file.

    Raises
    ------
    InputError
        If the file cannot be read.
    ModelError
        If it is not the one that the model describes.
    """

    def __init__(self, model: Model, threads: int, *, file: Path) -> None:
        import torch

        model.file(file.name)
        if threads:
            torch.set_num_threads(threads)
        self._network = network_of(file).eval()
        self._columns = [0, *characters_of(self._network, file)]
        self._transforms = _transforms(self._network)

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, in order, one line at a time."""
        return [self._encoded(line) for line in lines]

    def frame_edges(self, line: Line) -> NDArray[np.float64]:
        """(frames + 1,): where each frame of a line begins and the last one ends, x in the line's pixels."""
        width = line.pixels.shape[1]
        columns, frames = self._transforms(_picture(line)).shape[2], len(self._encoded(line))
        padding = 0 if self._network.input[3] else PADDING
        edges = np.arange(frames + 1) * columns / max(1, frames) - padding
        return np.asarray(np.clip(edges * width / max(1, columns - 2 * padding), 0.0, width), np.float64)

    def _encoded(self, line: Line) -> LogProbs:
        import torch

        tensor = self._transforms(_picture(line))[None]
        with torch.inference_mode():
            logits, frames = self._network.nn(tensor, torch.tensor([tensor.shape[3]]))
            scores = logits[0, self._columns, 0, : int(frames[0])].log_softmax(0)
        return np.ascontiguousarray(scores.numpy().T, np.float32)


def _transforms(network: Any) -> Any:
    from kraken.lib.dataset import ImageInputTransforms

    batch, channels, height, width = network.input
    boxes = network.seg_type == "bbox"
    return ImageInputTransforms(batch, height, width, channels, (PADDING, 0), valid_norm=boxes)


def _picture(line: Line) -> Image.Image:
    """The line, with paper at its end if it is so narrow that kraken would scale it to nothing."""
    height, width = line.pixels.shape
    more = max(0, height // NARROWEST - width)
    return Image.fromarray(np.pad(line.pixels, ((0, 0), (0, more)), constant_values=255))
