"""Seconds a training step takes with each of Keras' backends that is installed, the same network and batches.

python -m benchmarks.training [--backends tensorflow,jax,torch] [--precision float32,bfloat16] [--batch-size 16]
                              [--width 928] [--steps 20] [--smoke]
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

BACKENDS = ("tensorflow", "jax", "torch")
N_LABELS = 80
"""As the shipped models have."""


def main() -> None:
    """One process for each backend, one after the other: Keras takes one backend for good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--precision", default="float32", help="one or several, as `htrkit train` takes")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--width", type=int, default=928, help="of the lines, in pixels")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--smoke", action="store_true", help="two steps on narrow lines: does it run?")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.smoke:
        given.batch_size, given.width, given.steps = 2, 64, 2
    if given.here:
        print(json.dumps(measured(given.precision, given.batch_size, given.width, given.steps)))
        return
    print(
        f"crnn, {given.batch_size} lines of {given.width} pixels a step; {os.cpu_count()} cores, {platform.machine()}"
    )
    for backend, precision in itertools.product(given.backends.split(","), given.precision.split(",")):
        if importlib.util.find_spec(backend) is None:
            print(f"{backend:11} not installed")
            continue
        sizes = ["--batch-size", given.batch_size, "--width", given.width, "--steps", given.steps]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.training", "--here", "--precision", precision, *map(str, sizes)],
            env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=subprocess.PIPE,
            check=True,
        )
        seconds = json.loads(done.stdout.splitlines()[-1])
        median = statistics.median(seconds)
        between = f"from {min(seconds):.3f} to {max(seconds):.3f}"
        print(f"{backend:11} {precision:9} {median:7.3f} s a step ({between})", flush=True)


def measured(precision: Any, batch_size: int, width: int, steps: int) -> list[float]:
    """Seconds of each step, as `htrkit train` computes them with the backend at hand."""
    from htrkit.training.architectures.crnn import CRNN
    from htrkit.training.settings import TrainSettings
    from htrkit.training.timing import step_seconds

    settings = TrainSettings(out=Path(), precision=precision, batch_size=batch_size)
    return step_seconds(settings, CRNN(), N_LABELS, width, steps)


if __name__ == "__main__":
    main()
