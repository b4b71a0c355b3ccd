"""Time a page on one core: the installed segmenters side by side, on the same pages in one run.

python -m benchmarks.pages [--pages FOLDER] [--segmenters lines,ridges,ppocr] [--rounds 5] [--smoke]
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import typer

from htrkit.pages.images import Images
from htrkit.pages.segmenters import segmented
from htrkit.pages.sources import Sources, find_files
from htrkit.spec import Spec
from htrkit.types import Page

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "letter"


def main(pages: Path = SAMPLES, segmenters: str = "lines,ridges,ppocr", rounds: int = 5, smoke: bool = False) -> None:
    """Interleaved rounds, medians, and ratios to the first; the images of a folder, or those of samples/letter."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rounds = 1 if smoke else rounds
    files = find_files([pages], Images().accepts)
    given = [page for page in Sources().pages(files) if isinstance(page, Page)]
    made = {name: Spec.parse("segmenter", name).create() for name in segmenters.split(",")}
    seconds: dict[str, list[float]] = {name: [] for name in made}
    lines = {  # and warms them up
        name: sum(len(one.lines) for one in segmented(segmenter, name, given) if isinstance(one, Page))
        for name, segmenter in made.items()
    }
    for _ in range(rounds):
        for name, segmenter in made.items():
            started = time.perf_counter()
            list(segmented(segmenter, name, given))
            seconds[name].append((time.perf_counter() - started) / len(given))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    first = next(iter(median))
    print(f"{len(given)} pages, one core")
    for name, value in median.items():
        print(f"{name:8} {value:6.3f} s a page  {value / median[first]:5.2f} x {first}  {lines[name]} lines found")


if __name__ == "__main__":
    typer.run(main)
