"""A model without training: it reads bars, and needs neither Keras nor seconds.

Black bars read ``a``, grey bars ``b``, paper is the blank. ``draw("aab")`` draws what reads ``aab``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.files import file_digest
from htrkit.model import NETWORK, Model, save_description

RULE = InputRule(height=32, width=128, frames_per_pixel=0.25)
GREY = {"a": 0, "b": 150}


def network(height: int = 32, width: int | None = 128, channels: int = 1) -> bytes:
    """ONNX: the mean ink of every four columns, then one linear layer over it and a constant, then log-softmax."""
    columns = width or "width"
    frames = width // 4 if width else "frames"
    # logits of blank, a, b over (mean ink, 1): a wins above 0.7, b between 0.2 and 0.7
    weights = np.array([[0.0, 60.0, 30.0], [0.0, -27.0, -6.0]], np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["ink"], ["row"], axes=[1, 3], keepdims=0),
        helper.make_node("Reshape", ["row", "shape"], ["grouped"]),
        helper.make_node("ReduceMean", ["grouped"], ["mean"], axes=[2], keepdims=1),
        helper.make_node("MatMul", ["mean", "slopes"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offsets"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=2),
    ]
    graph = helper.make_graph(
        nodes,
        "bars",
        [helper.make_tensor_value_info("ink", TensorProto.FLOAT, ["batch", height, columns, channels])],
        [helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["batch", frames, 3])],
        [
            numpy_helper.from_array(np.array([0, -1, 4], np.int64), "shape"),
            numpy_helper.from_array(weights[:1], "slopes"),
            numpy_helper.from_array(weights[1], "offsets"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write(folder: Path, *, rule: InputRule = RULE, content: bytes | None = None, **changes: object) -> Model:
    """Lay the model into ``folder``; ``changes`` are fields of its description."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NETWORK).write_bytes(network(rule.height, rule.width) if content is None else content)
    model = Model(
        folder=folder,
        name="bars",
        alphabet=Alphabet("ab"),
        input_rule=rule,
        encoder="onnx",
        preprocess=(),
        decoder="best-path",
        architecture="simple",
        architecture_options={},
        checksums={NETWORK: file_digest(folder / NETWORK)},
    )
    model = replace(model, **changes)  # type: ignore[arg-type]
    save_description(model)
    return model


def draw(text: str, *, width: int = 128) -> NDArray[np.uint8]:
    """(32, width) uint8: a bar of eight columns and a gap of eight for each character."""
    pixels = np.full((32, width), 255, np.uint8)
    for i, character in enumerate(text):
        pixels[:, 16 * i : 16 * i + 8] = GREY[character]
    return pixels
