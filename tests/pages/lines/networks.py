"""Networks for tests of the segmenter, made without training: they mark what is dark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from htrkit.pages.lines.line_network import NETWORK, save_description


def write_ink_network(folder: Path, channels: int = 6, stride: int = 4, long_side: int = 640) -> Path:
    """A network whose base lines are where its input is dark on average; lines are 10 pixels high above, 4 below."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = np.zeros((channels, 1, stride, stride), np.float32)
    weights[0] = 1.0 / stride**2
    bias = np.zeros(channels, np.float32)
    bias[3:4] = 1.0  # all of the page is a block of writing
    bias[4:] = (10.0, 4.0)[: max(0, channels - 4)]
    nodes = [
        helper.make_node("Transpose", ["ink"], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["nchw", "w", "b"], ["maps"], strides=[stride, stride]),
        helper.make_node("Transpose", ["maps"], ["out"], perm=[0, 2, 3, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "ink",
        [helper.make_tensor_value_info("ink", TensorProto.FLOAT, [None, None, None, 1])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [None, None, None, channels])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / NETWORK))
    save_description(folder, "ink", long_side)
    return folder
