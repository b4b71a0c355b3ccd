"""Seconds that a training step takes here, measured on lines that mean nothing; and the precision that is faster."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from htrkit.progress import Progress
from htrkit.training.devices import computing
from htrkit.training.network import ctc_model
from htrkit.training.optimizer import compile_for
from htrkit.training.settings import TrainSettings
from htrkit.training.torch_kernels import computes_in_bfloat16

WARM_UP, MEASURED = 3, 3
COLUMNS_PER_CHARACTER = 20
CPU_FLAGS = Path("/proc/cpuinfo")


def step_seconds(settings: TrainSettings, architecture: Any, n_labels: int, width: int, steps: int) -> list[float]:
    """Seconds of each step, after a few that warm up, as a run with these settings computes them, on lines ``width``
    pixels wide where the network takes any width.
    """
    rule = architecture.input_rule
    width = rule.width or width
    rng = np.random.default_rng(0)
    n, characters = settings.batch_size, max(1, min(width // COLUMNS_PER_CHARACTER, rule.frames(width) // 2))
    ink = rng.integers(0, 256, (n, rule.height, width, 1), np.uint8)
    labels = rng.integers(1, n_labels, (n, characters)).astype(np.int32)
    targets = (labels, np.full(n, characters, np.int32), np.full(n, rule.frames(width), np.int32))
    with computing(settings.precision):
        model = ctc_model(architecture, n_labels)
        compile_for(model, settings, settings.epochs, steps)
        seconds = []
        for _ in range(WARM_UP + steps):
            started = time.perf_counter()
            float(model.train_on_batch(ink, targets))
            seconds.append(time.perf_counter() - started)
    return seconds[WARM_UP:]


def in_faster_precision(
    settings: TrainSettings, architecture: Any, n_labels: int, width: int, progress: Progress
) -> TrainSettings:
    """The settings; where this processor has no instructions for bfloat16, in what is faster, that or float32."""
    if settings.precision != "bfloat16" or "cpu" not in str(keras.ops.zeros(1).device).lower() or _has_bfloat16():
        return settings
    full = replace(settings, precision="float32")
    took = {
        one.precision: statistics.median(
            step_seconds(replace(one, batch_size=min(one.batch_size, 8)), architecture, n_labels, width, MEASURED)
        )
        for one in (settings, full)
    }
    faster = min((settings, full), key=lambda one: took[one.precision])
    said = " and ".join(f"{seconds:.2f} s in {precision}" for precision, seconds in took.items())
    progress.note(f"no instructions for bfloat16 here: a step takes {said}; training in {faster.precision}")
    return faster


def _has_bfloat16() -> bool:
    """Whether the processor is known to have instructions for it."""
    if keras.config.backend() == "torch":
        return computes_in_bfloat16()
    flags = CPU_FLAGS.read_text(errors="replace").split() if CPU_FLAGS.exists() else []
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)
