"""Images a second, ONNX Runtime, as the model has it and in floats, against Keras: one network and one run.

python -m benchmarks.encoder [--model NAME] [--images 512] [--rounds 5] [--smoke]
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import typer

from htrkit.contracts import Encoder
from htrkit.encoders.keras import KerasEncoder
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.files import file_digest
from htrkit.model import NETWORK, Model, open_model
from htrkit.training.export import export_onnx
from htrkit.training.network import trained_network
from htrkit.types import Line

# a line of writing is about so many times as wide as high
LINE = 15


def main(model: str | None = None, images: int = 512, rounds: int = 5, smoke: bool = False) -> None:
    """Interleaved rounds, medians, and the ratio; few images and one round to see that it runs."""
    images, rounds = (32, 1) if smoke else (images, rounds)
    found = open_model(model)
    rule = found.input_rule
    rng = np.random.default_rng(0)
    shape = (rule.height, rule.width or LINE * rule.height)
    lines = [Line(str(i), rng.integers(0, 256, shape, dtype=np.uint8)) for i in range(images)]
    encoders: dict[str, Encoder] = {
        "onnx": OnnxEncoder(found, 0),
        "floats": in_floats(found),
        "keras": KerasEncoder(found, 0),
    }
    outputs = {name: encoder.encode(lines) for name, encoder in encoders.items()}  # and warms both up
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(rounds):
        for name, encoder in encoders.items():
            started = time.perf_counter()
            encoder.encode(lines)
            seconds[name].append(time.perf_counter() - started)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    for name, value in median.items():
        print(f"{name:6} {images / value:8.0f} images/s")
    difference = max(
        float(np.abs(np.exp(a) - np.exp(b)).max()) for a, b in zip(outputs["onnx"], outputs["keras"], strict=True)
    )
    for name in ("floats", "keras"):
        print(f"onnx reads {median[name] / median['onnx']:.2f} x what {name} reads (model {found.name})")
    print(f"largest difference in probability: {difference:.1e}")


def in_floats(model: Model) -> OnnxEncoder:
    """The network as it is exported, before it is turned into integers."""
    with TemporaryDirectory() as folder:
        export_onnx(trained_network(model), Path(folder) / NETWORK)
        checksums = {NETWORK: file_digest(Path(folder) / NETWORK)}
        return OnnxEncoder(replace(model, folder=Path(folder), checksums=checksums), 0)


if __name__ == "__main__":
    typer.run(main)
