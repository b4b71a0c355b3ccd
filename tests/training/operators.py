"""What a model's network is made of."""

from __future__ import annotations

import onnx

from htrkit.model import NETWORK, Model


def operators_of(model: Model) -> list[str]:
    """The operators of the network that reads, in their order."""
    return [node.op_type for node in onnx.load_from_string(model.file(NETWORK)).graph.node]
