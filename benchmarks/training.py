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
import time

BACKENDS = ("tensorflow", "jax", "torch")
WARM_UP = 3
# on the whole alphabet of the shipped models, with as many characters as a line of this width has
N_LABELS, COLUMNS_PER_CHARACTER = 80, 20


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
        print(json.dumps(step_seconds(given.precision, given.batch_size, given.width, given.steps)))
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


def step_seconds(precision: str, batch_size: int, width: int, steps: int) -> list[float]:
    """Seconds of each step, after a few that warm up, as `htrkit train` computes them with the backend at hand."""
    from pathlib import Path

    import keras
    import numpy as np

    from htrkit.training.architectures.crnn import CRNN
    from htrkit.training.ctc_model import ctc_model
    from htrkit.training.freezing import compile_for
    from htrkit.training.settings import TrainSettings
    from htrkit.training.torch_cpu import take_torch_kernels

    if precision != "float32":
        keras.config.set_dtype_policy(f"mixed_{precision}")
    architecture = CRNN()
    rule = architecture.input_rule
    model = ctc_model(architecture, N_LABELS)
    take_torch_kernels(model.network)
    compile_for(model, TrainSettings(data=(), out=Path(), precision=precision), 1, steps)
    rng = np.random.default_rng(0)
    ink = rng.random((batch_size, rule.height, width, 1)).astype(np.float32)
    n_characters = max(1, width // COLUMNS_PER_CHARACTER)
    labels = rng.integers(1, N_LABELS, (batch_size, n_characters)).astype(np.int32)
    lengths = (np.full(batch_size, n_characters, np.int32), np.full(batch_size, rule.frames(width), np.int32))
    seconds = []
    for _ in range(WARM_UP + steps):
        started = time.perf_counter()
        float(model.train_on_batch(ink, (labels, *lengths)))
        seconds.append(time.perf_counter() - started)
    return seconds[WARM_UP:]


if __name__ == "__main__":
    main()
