"""A network that marks lines, on disk: ``lines.json``, ``lines.onnx`` and a card; loaded, checked, run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from htrkit.content import described_file, description_in
from htrkit.errors import ModelError
from htrkit.files import file_digest, whole
from htrkit.pages.lines.maps import CHANNELS, MULTIPLE, STRIDE, LineMaps, line_maps, network_input
from htrkit.quoting import first_line
from htrkit.types import Pixels

FORMAT_VERSION = 1
DESCRIPTION, NETWORK, CARD = "lines.json", "lines.onnx", "README.md"
# Bytes: a description is a few hundred, a network of this kind a few million.
LARGEST_DESCRIPTION, LARGEST_NETWORK = 1 << 16, 1 << 28
LARGEST_INPUT = 4096
# No number of a map is larger; float32 could not hold every one that there is.
LARGEST_NUMBER = 1e6


@dataclass(frozen=True, slots=True)
class Description:
    """What ``lines.json`` says: the network's name, the longer side of its input in pixels, and its file's SHA-256."""

    name: str
    long_side: int
    sha256: str


class LineNetwork:
    """Marks the lines on pages.

    Parameters
    ----------
    folder
        Of the network.

    Raises
    ------
    ModelError
        If the folder holds no such network, or its files are not what its description says; it is tried on a page.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.description = load_description(folder)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.log_severity_level = 4  # what goes wrong is raised, in one sentence
        content = described_file(folder / NETWORK, self.description.sha256, LARGEST_NETWORK, DESCRIPTION)
        # in memory, and with no other file given, ONNX Runtime opens none that the network may name
        settings.add_external_initializers_from_files_in_memory([NETWORK], [content], [len(content)])
        try:
            self._session = onnxruntime.InferenceSession(content, settings, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises classes of its own that share no other base
            raise self._refused(f"the network cannot be loaded: {first_line(error)}") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or len(self._session.get_outputs()) != 1:
            raise self._refused("the network is not one that gives one map of one image")
        self._input = inputs[0].name
        self.maps(np.full((5 * MULTIPLE, 3 * MULTIPLE), 255, np.uint8))

    def maps(self, pixels: Pixels, long_side: int | None = None) -> LineMaps:
        """The maps of a page.

        Parameters
        ----------
        long_side
            Of the network's input, where it shall not be the one that the network was trained on.

        Raises
        ------
        ModelError
            If the network fails, or gives something else.
        """
        given, scale = network_input(pixels, long_side or self.description.long_side)
        try:
            (output,) = self._session.run(None, {self._input: given})
        except Exception as error:  # as above
            raise self._refused(f"the network fails on a page: {first_line(error)}") from error
        wanted = (1, given.shape[1] // STRIDE, given.shape[2] // STRIDE, len(CHANNELS))
        if not isinstance(output, np.ndarray) or output.shape != wanted or not np.isfinite(output).all():
            raise self._refused(f"the network gives no maps of {' x '.join(map(str, wanted))} numbers")
        return line_maps(np.clip(output, -LARGEST_NUMBER, LARGEST_NUMBER).astype(np.float32), scale)

    def _refused(self, why: str) -> ModelError:
        return ModelError(f"{self.folder}: {why}")


def load_description(folder: Path) -> Description:
    """Read and check ``lines.json``.

    Raises
    ------
    ModelError
        If there is none that can be read, or it is of a newer format.
    """
    path = folder / DESCRIPTION
    described = description_in(folder, DESCRIPTION, LARGEST_DESCRIPTION, "holds no network that finds lines")
    try:
        version, name, long_side, sha256 = (described[key] for key in ("format", "name", "long_side", "sha256"))
    except (TypeError, KeyError):
        raise ModelError(f"{path} does not say what htrkit train-segmenter writes there") from None
    if version != FORMAT_VERSION:
        raise ModelError(f"{path} has a format that this htrkit does not read: get a newer htrkit")
    possible = type(long_side) is int and MULTIPLE <= long_side <= LARGEST_INPUT
    if not possible or not isinstance(name, str) or not name.isprintable() or not isinstance(sha256, str):
        raise ModelError(f"{path} has an impossible name, long_side or sha256")
    return Description(name, long_side, sha256)


def save_description(folder: Path, name: str, long_side: int) -> None:
    """Write ``lines.json`` beside a network, last of its files."""
    sha256 = file_digest(folder / NETWORK)
    described: dict[str, Any] = {"format": FORMAT_VERSION, "name": name, "long_side": long_side, "sha256": sha256}
    with whole(folder / DESCRIPTION) as part:
        part.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
