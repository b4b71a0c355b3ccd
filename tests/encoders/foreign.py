"""Networks as other programs export them: they read the bars of `tests.tiny_model`, and differ in form alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LABELS = 3


def network(
    *,
    height: int = 32,
    width: int | None = 128,
    lines: int | str = "lines",
    layout: str = "NHWC",
    channels: int = 1,
    ink: Sequence[float] = (1.0,),
    paper: Sequence[float] = (0.0,),
    output_layout: str = "NTC",
    values: str = "log-probs",
    blank: str = "first",
    further_output: bool = False,
) -> bytes:
    """An ONNX network; the arguments mean what the encoder's options mean."""
    inner = "NHWC" if "C" in layout else "NHW"
    sizes = {"N": lines, "H": height, "W": width or "width", "C": channels}
    shape = {"N": lines, "T": width // 4 if width else "frames", "C": LABELS}
    last = {"log-probs": "LogSoftmax", "probabilities": "Softmax", "logits": "Identity"}[values]
    nodes = [
        helper.make_node("Transpose", ["image"], ["upright"], perm=[layout.index(axis) for axis in inner]),
        helper.make_node("Sub", ["upright", "paper"], ["above"]),
        helper.make_node("Div", ["above", "contrast"], ["ink"]),
        helper.make_node("ReduceMean", ["ink"], ["row"], axes=[1, 3] if inner == "NHWC" else [1], keepdims=0),
        helper.make_node("Reshape", ["row", "shape"], ["grouped"]),
        helper.make_node("ReduceMean", ["grouped"], ["mean"], axes=[2], keepdims=1),
        helper.make_node("MatMul", ["mean", "slopes"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offsets"], ["logits"]),
        helper.make_node(last, ["logits"], ["scores"], **({} if last == "Identity" else {"axis": 2})),
        helper.make_node("Gather", ["scores", "order"], ["ordered"], axis=2),
        helper.make_node("Transpose", ["ordered"], ["frames"], perm=["NTC".index(axis) for axis in output_layout]),
    ]
    constants = {
        "paper": np.array(paper, np.float32),
        "contrast": np.array(ink, np.float32) - np.array(paper, np.float32),
        "shape": np.array([0, -1, 4], np.int64),
        "slopes": np.array([[0.0, 60.0, 30.0]], np.float32),
        "offsets": np.array([0.0, -27.0, -6.0], np.float32),
        "order": np.array([1, 2, 0] if blank == "last" else [0, 1, 2], np.int64),
    }
    outputs = [
        helper.make_tensor_value_info("frames", TensorProto.FLOAT, [shape[axis] for axis in output_layout]),
        helper.make_tensor_value_info("mean", TensorProto.FLOAT, [lines, "means", 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "bars",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [sizes[axis] for axis in layout])],
        outputs[: 1 + further_output],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return finished(graph)


def with_weights_in(location: str) -> bytes:
    """A network that reads bars if the file holds the bytes of `WEIGHTS`."""
    model = onnx.load_from_string(network())
    for tensor in model.graph.initializer:
        if tensor.name == "offsets":
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", location), ("offset", "0"), ("length", str(len(WEIGHTS)))):
                tensor.external_data.add(key=key, value=value)
    return bytes(model.SerializeToString())


def with_loop(*, above: float) -> bytes:
    """A network that reads bars, and has no end on lines with more ink than ``above``."""
    body = helper.make_graph(
        [helper.make_node("Abs", ["x"], ["y"]), helper.make_node("Identity", ["goes_on"], ["still"])],
        "again",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [1]),
        ],
    )
    nodes = [
        helper.make_node("ReduceMean", ["ink"], ["inked"], keepdims=0),
        helper.make_node("Greater", ["inked", "threshold"], ["has_more"]),
        helper.make_node("Cast", ["has_more"], ["once"], to=TensorProto.INT64),
        helper.make_node("Mul", ["once", "most"], ["times"]),
        helper.make_node("Loop", ["times", "", "one"], ["more"], body=body),
    ]
    return _with(nodes, threshold=np.float32(above), most=np.int64(1 << 62), one=np.ones(1, np.float32))


def with_constant(numbers: int) -> bytes:
    """A network that reads bars, and holds so many numbers more in memory."""
    one = numpy_helper.from_array(np.ones(1, np.float32))
    nodes = [
        helper.make_node("ConstantOfShape", ["numbers"], ["ones"], value=one),
        helper.make_node("ReduceMax", ["ones"], ["more"], keepdims=0),
    ]
    return _with(nodes, numbers=np.array([numbers], np.int64))


def _with(further: Sequence[onnx.NodeProto], **constants: NDArray[Any] | np.generic) -> bytes:
    """The network, with nodes that give ``more``, which is one, before its scores."""
    model = onnx.load_from_string(network())
    nodes = list(model.graph.node)
    del model.graph.node[:]
    nodes[-2].input[0] = "with_more"
    times = helper.make_node("Mul", ["scores", "more"], ["with_more"])
    model.graph.node.extend([*nodes[:-2], *further, times, *nodes[-2:]])
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items())
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


WEIGHTS = np.array([0.0, -27.0, -6.0], np.float32).tobytes()


def finished(graph: onnx.GraphProto) -> bytes:
    """The file of a graph."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
