"""What `htrkit bulk` costs and gains, against `htrkit recognize` on the same cores and against one worker.

    python -m benchmarks.bulk [--scans FOLDER] [--pages 300] [--workers 2] [--rounds 3] [--small 300,3000] [--smoke]

Needs the plugin htrkit-ray, and a machine that does nothing else. Prints a table, pages per core-hour, and how much
memory the driver takes for few and for many small pages.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import typer

from htrkit.pages.images import Images
from htrkit.pages.sources import find_files

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "letter"


def main(
    scans: Path = SAMPLES,
    pages: int = 300,
    workers: int = 2,
    rounds: int = 3,
    small: str = "300,3000",
    smoke: bool = False,
) -> None:
    """Interleaved rounds, medians; each command is a process of its own, on as many cores as there are workers."""
    if smoke:
        pages, rounds, small = 4, 1, "4"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:workers])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = find_files([scans], Images().accepts)
        (folder / "scans").mkdir()
        for number, file in zip(range(1, pages + 1), cycle(files), strict=False):
            shutil.copy(file, folder / "scans" / f"{number:05}{Path(file).suffix}")
        show_times(folder, pages, workers, rounds)
        for count in map(int, small.split(",")):
            draw_small_pages(folder / f"small-{count}", count)
            run = measured("bulk", folder / f"small-{count}", "--out", folder / "out", "--json")
            print(f"driver, {count} small pages: {run.peak >> 20} MB, {run.told['pages_a_minute']:.0f} pages a minute")
            shutil.rmtree(folder / "out")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command took and said: seconds, and bytes of the process that does its work."""

    seconds: float
    peak: int
    told: dict[str, Any]


def measured(*arguments: object) -> Measured:
    """Run a command of htrkit. Raises CalledProcessError if it fails."""
    started, peak = time.perf_counter(), 0
    command = [sys.executable, "-m", "htrkit", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):  # bulk does its work in its first child
                first = (watched.children() or [watched])[0] if arguments[0] == "bulk" else watched
                peak = max(peak, first.memory_info().rss)
            time.sleep(0.25)
        assert process.stdout is not None
        said = process.stdout.read()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(time.perf_counter() - started, peak, json.loads(said or b"{}"))


def show_times(folder: Path, pages: int, workers: int, rounds: int) -> None:
    """The commands in turn, and what follows from their times."""
    plain = ("recognize", folder / "scans", "--format", "page-xml", "--output", folder / "out")
    bulk = ("bulk", folder / "scans", "--out", folder / "out", "--json")
    commands: dict[str, tuple[object, ...]] = {
        "recognize, one thread": (*plain, "--threads", 1),
        f"recognize, {workers} threads": (*plain, "--threads", workers),
        "bulk, one worker": (*bulk, "--workers", 1),
        f"bulk, {workers} workers": (*bulk, "--workers", workers),
    }
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            if command[0] == "recognize":
                (folder / "out").mkdir()
            runs[name].append(measured(*command))
            shutil.rmtree(folder / "out")
    whole = {name: statistics.median(run.seconds for run in of) for name, of in runs.items()}
    # without the start, which is the same for 300 pages and for a million
    reading = {name: statistics.median(run.told.get("seconds", run.seconds) for run in of) for name, of in runs.items()}
    print(f"{pages} pages, {workers} cores, medians of {rounds}")
    for name in commands:
        print(f"{name:24} {whole[name]:8.1f} s, reading {reading[name]:8.1f} s")
    one_thread, threads, one, several = commands
    print(f"overhead of bulk against recognize on the same cores: {whole[several] / whole[threads] - 1.0:+.1%}")
    print(f"{workers} workers against one: {reading[one] / reading[several]:.2f} x")
    print(f"{workers} workers against recognize with one thread: {reading[one_thread] / reading[several]:.2f} x")
    print(f"pages per core-hour: {3600.0 * pages / reading[several] / workers:.0f}")


def draw_small_pages(folder: Path, count: int) -> None:
    """Pages with two words each, no two alike."""
    folder.mkdir()
    choose = random.Random(count)
    for number in range(count):
        pixels = np.full((640, 640), 225, np.uint8)
        for top in (200, 400):
            text = "".join(choose.choices("abcdefghiklmnoprstuw", k=6))
            cv2.putText(pixels, text, (100, top), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.5, 40, 2, cv2.LINE_AA)
        cv2.imwrite(str(folder / f"{number:05}.png"), pixels)


if __name__ == "__main__":
    typer.run(main)
