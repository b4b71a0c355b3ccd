"""Cold start: whole processes, side by side in interleaved rounds, against importing TensorFlow.

python -m benchmarks.cold_start [--rounds 5] [--smoke]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import typer

HTRKIT = str(Path(sys.executable).with_name("htrkit"))
SAMPLE = str(Path(__file__).parents[1] / "samples" / "word.png")
COMMANDS = {
    "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    "htrkit recognize": [HTRKIT, "recognize", SAMPLE],
    "htrkit --help": [HTRKIT, "--help"],
    "htrkit decoders": [HTRKIT, "decoders"],
    "htrkit plugins": [HTRKIT, "plugins"],
}


def main(rounds: int = 5, smoke: bool = False) -> None:
    """Median wall time, its ratio to TensorFlow's import, and the most memory held; one round to see that it runs."""
    rounds = 1 if smoke else rounds
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    memory: dict[str, int] = {}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            taken, held = _run(command)
            seconds[name].append(taken)
            memory[name] = max(memory.get(name, 0), held)
    reference = statistics.median(seconds["import tensorflow"])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:18} {median:6.2f} s  {median / reference:6.1%} of TensorFlow's import  {memory[name]:5} MB")


def _run(command: list[str]) -> tuple[float, int]:
    """Seconds and the largest resident size, in MB, of one process."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - started, _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> int:
    return usage.ru_maxrss // (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    typer.run(main)
