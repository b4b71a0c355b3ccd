"""A network in 8-bit integers instead of floats, which is faster, where it reads as well.

How large the numbers between two convolutions become is measured beforehand, on lines; LSTM layers measure what they
are given themselves. They do so for a whole batch, so the network then takes one line at a time: what is read on a line
does not depend on its neighbours.

Source: B. Jacob, S. Kligys, B. Chen, M. Zhu, M. Tang, A. Howard, H. Adam, D. Kalenichenko, "Quantization and Training
of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import HtrkitError
from htrkit.evaluation.figures.metrics import count_errors
from htrkit.files import file_digest, whole
from htrkit.jobs import read_samples
from htrkit.model import NETWORK, Model
from htrkit.progress import Progress
from htrkit.quoting import first_line
from htrkit.training.validation import recognizer_of
from htrkit.types import Pixels, Result, Sample

MEASURED_ON = 48
"""Lines, at most."""
WORSE = 0.002
"""What the CER may rise by."""


def quantized(
    model: Model, lines: Iterable[Pixels], samples: Sequence[Sample], progress: Progress, *, by: str | None = None
) -> Model:
    """The model, with its network in integers if they read as well as the floats, and with the checksum of that.

    Parameters
    ----------
    lines
        What the network has learnt from, after the model's steps.
    samples
        Lines with their texts that judge, after the same steps.
    by
        The column of whose groups each counts alike; none if each line does.
    """
    with TemporaryDirectory() as folder:
        try:
            quantize(model, lines, Path(folder) / NETWORK)
            checksums = {**model.checksums, NETWORK: file_digest(Path(folder) / NETWORK)}
            in_integers = _cer(replace(model, folder=Path(folder), checksums=checksums), samples, by)
        except Exception as error:  # of a plugin's network, whatever ONNX Runtime raises
            progress.note(f"the network stays in floats: {first_line(error)}")
            return model
        in_floats = _cer(model, samples, by)
        told = f"CER {in_integers:.2%} in integers, {in_floats:.2%} in floats"
        if in_integers > in_floats + WORSE:
            progress.note(f"the network stays in floats: {told}")
            return model
        with whole(model.folder / NETWORK) as part:
            shutil.copyfile(Path(folder) / NETWORK, part)
    progress.note(f"the network reads in integers: {told}")
    return replace(model, checksums=checksums)


def quantize(model: Model, lines: Iterable[Pixels], out: Path) -> None:
    """Write a model's network anew, with its LSTM layers and all but its first convolutions in integers.

    ``lines``, after the model's steps, are measured on. Raises HtrkitError if the network has no such layers, and what
    ONNX and ONNX Runtime raise.
    """
    runtime = _quantization()
    encoder = OnnxEncoder(model, 1)
    with TemporaryDirectory() as folder:
        given, prepared, recurrent, done = (Path(folder) / f"{number}.onnx" for number in range(4))
        given.write_bytes(model.file(NETWORK))
        graph = _prepare(given, prepared)
        fine, coarse = _convolutions(graph)
        has_lstm = any(node.op_type == "LSTM" for node in graph.node)
        if not coarse and not has_lstm:
            raise HtrkitError("it has no layers that are faster in integers")
        weights = {
            "weight_type": runtime.QuantType.QInt8,
            "per_channel": True,
            "reduce_range": True,  # seven bits: two products of eight overflow on processors without VNNI
        }
        latest = prepared
        if has_lstm:
            runtime.quantize_dynamic(latest, recurrent, op_types_to_quantize=["LSTM"], **weights)
            latest = recurrent
        if coarse:
            runtime.quantize_static(
                latest,
                done,
                _Measured(graph.input[0].name, [encoder.network_input(pixels) for pixels in lines]),
                op_types_to_quantize=["Conv"],
                nodes_to_exclude=fine,
                activation_type=runtime.QuantType.QUInt8,
                **weights,
            )
            latest = done
        in_integers = onnx.load(latest)
    if has_lstm:
        for value in (*in_integers.graph.input, *in_integers.graph.output):
            value.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(in_integers, out)


def in_integers(model: Model) -> bool:
    """Whether a model's network reads in integers."""
    return any("Quant" in node.op_type for node in onnx.load_from_string(model.file(NETWORK)).graph.node)


def _quantization() -> Any:
    """ONNX Runtime's own; its import puts a folder with names such as ``metrics`` on the path."""
    path = list(sys.path)
    try:
        return import_module("onnxruntime.quantization")
    finally:
        sys.path[:] = path


def _prepare(network: Path, out: Path) -> Any:
    """Write a network whose normalisations are joined with the convolutions before them; its graph."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(out)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    prepared = onnx.shape_inference.infer_shapes(onnx.load(out))
    onnx.helper.set_model_props(prepared, {"onnx.quant.pre_process": "onnxruntime.quant"})  # or it logs a warning
    onnx.save(prepared, out)
    return prepared.graph


def _convolutions(graph: Any) -> tuple[list[str], list[str]]:
    """The names of those before the second pooling, which see the strokes finest and lose most in integers; and of the
    others. Where there is no such pooling, only the first is among the former.
    """
    poolings, fine, coarse = 0, list[str](), list[str]()
    for node in graph.node:
        if node.op_type == "MaxPool":
            poolings += 1
        elif node.op_type == "Conv":
            (fine if poolings < 2 else coarse).append(node.name)
    return (fine, coarse) if poolings > 1 else (fine[:1], fine[1:])


class _Measured:
    """Inputs, as ONNX Runtime asks for them: one after the other, then None."""

    def __init__(self, name: str, inputs: Iterable[NDArray[np.float32]]) -> None:
        self._rest = iter([{name: one} for one in inputs])

    def get_next(self) -> Any:
        return next(self._rest, None)


def _cer(model: Model, samples: Sequence[Sample], by: str | None) -> float:
    """Of the best path: of all lines, or the mean over their groups. A line that fails counts as empty."""
    recognizer = recognizer_of(model, "best-path")
    readings: dict[str, list[tuple[str, str]]] = {}
    for sample, found in read_samples(samples, partial(recognizer.recognize, words=False)):
        text = found.text if isinstance(found, Result) else ""
        readings.setdefault(sample.groups.get(by, "") if by else "", []).append((sample.text, text))
    return fmean(float(count_errors(pairs).cer) for pairs in readings.values())
