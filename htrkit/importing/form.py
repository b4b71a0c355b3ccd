"""What an ONNX network says of its form: the axes of its input and output, its size, and what its numbers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from htrkit.encoders.onnx import TRIAL_WIDTH, Layout, OutputLayout
from htrkit.errors import ModelError
from htrkit.model import LARGEST_INPUT
from htrkit.quoting import first_line

INPUTS, OUTPUTS = get_args(Layout), get_args(OutputLayout)
EVEN = 1e-3
"""How far the probabilities of a frame may sum to something else than one."""


@dataclass(frozen=True, slots=True)
class Form:
    """A way in which a network can be read.

    Attributes
    ----------
    layout, output, output_layout, values
        As the options of the encoder ``onnx``.
    channels, height, width, frames_per_pixel
        Of its input; the width is None for any.
    labels
        How many it has, the blank among them.
    """

    layout: str
    channels: int
    height: int
    width: int | None
    frames_per_pixel: float
    output: str
    output_layout: str
    labels: int
    values: str


def forms(network: Path, n_labels: int, given: Mapping[str, Any], height: int | None = None) -> list[Form]:
    """The forms that fit a network, of which there may be several where the axes do not tell themselves apart.

    Parameters
    ----------
    n_labels
        That the network should have; it tells the output's axes apart.
    given
        Options of the encoder that are known.
    height
        Of the input, for a network that leaves it open.

    Raises
    ------
    ModelError
        If it is no network that reads images into frames of labels, or leaves open what has to be given.
    """
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(network, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its own that share no other base
        raise ModelError(f"{network} cannot be loaded: {first_line(error)}") from error
    inputs = session.get_inputs()
    if len(inputs) != 1 or len(inputs[0].shape) not in (3, 4):
        raise ModelError(f"{network} does not take images alone: its inputs are {_shown(inputs)}")
    found, why = [], f"{network}: no order of the axes of its input {_shown(inputs)} and its outputs {{}} fits"
    for layout, sizes in _layouts(inputs[0].shape, given, height):
        try:
            found += _outputs(session, layout, sizes, n_labels, given)
        except Exception as error:
            why = f"{network} fails on a line of {sizes['H']} x {sizes['W'] or TRIAL_WIDTH}: {first_line(error)}"
    if not found:
        raise ModelError(f"{why.format(_shown(session.get_outputs()))}; give --height or the options that say how")
    return found


def _layouts(shape: Sequence[Any], given: Mapping[str, Any], height: int | None) -> list[tuple[str, dict[str, Any]]]:
    """The orders of the input's axes that are possible, with their sizes; the width is None where it is open."""
    found = []
    for layout in INPUTS:
        if len(layout) != len(shape) or layout != given.get("layout", layout):
            continue
        sizes = {axis: size if isinstance(size, int) else None for axis, size in zip(layout, shape, strict=True)}
        channels, rows, columns = sizes.get("C", 1) or given.get("channels"), sizes["H"] or height, sizes["W"]
        if channels not in (1, 3) or rows is None or height not in (None, rows) or not 3 < rows <= LARGEST_INPUT:
            continue
        if columns is None or columns >= rows:
            found.append((layout, sizes | {"C": channels, "H": rows}))
    return found


def _outputs(
    session: Any, layout: str, sizes: Mapping[str, Any], n_labels: int, given: Mapping[str, Any]
) -> list[Form]:
    """The outputs, and the orders of their axes, that are frames of labels."""
    widths = [sizes["W"]] if sizes["W"] else [TRIAL_WIDTH, 2 * TRIAL_WIDTH]
    runs = [_run(session, layout, sizes, width) for width in widths]
    found = []
    for name, *several in zip([one.name for one in session.get_outputs()], *runs, strict=True):
        for order in OUTPUTS:
            fits = all(isinstance(one, np.ndarray) and one.ndim == 3 for one in several)
            if not fits or order != given.get("output_layout", order) or name != given.get("output", name):
                continue
            turned = [np.einsum(f"{order}->NTC", one) for one in several]
            if any(len(one) != 1 for one in turned) or len({one.shape[2] for one in turned}) != 1:
                continue
            frames = [one.shape[1] for one in turned]
            rate = frames[0] / widths[0] if len(widths) == 1 else (frames[1] - frames[0]) / TRIAL_WIDTH
            if 0.0 < rate <= 1.0:
                labels = turned[0].shape[2]
                size = (sizes["C"], sizes["H"], sizes["W"], rate)
                found.append(Form(layout, *size, name, order, labels, _values(turned[-1])))
    right = [form for form in found if form.labels == n_labels]
    normal = [form for form in found if form.values != "logits"]
    return right or normal or found


def _run(session: Any, layout: str, sizes: Mapping[str, Any], width: int) -> list[Any]:
    """All outputs on one line: grey bars of all kinds, so that no number of the output is by chance what it is."""
    image = np.random.default_rng(0).random((1, sizes["H"], width, sizes["C"]), np.float32)
    given = np.einsum(f"NHWC->{layout}", image)
    return list(session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(given)}))


def _values(output: NDArray[np.float32]) -> str:
    """What the numbers of (lines, frames, labels) are."""
    if output.min() >= 0 and np.abs(output.sum(axis=2) - 1).max() <= EVEN:
        return "probabilities"
    if output.max() <= EVEN and np.abs(np.exp(output).sum(axis=2) - 1).max() <= EVEN:
        return "log-probs"
    return "logits"


def _shown(ends: Sequence[Any]) -> str:
    return ", ".join(f"{one.name} {one.shape}" for one in ends)
