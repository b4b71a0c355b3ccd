"""The desk on a large project: how soon its list and its pages come, and what it holds in memory while one pages.

python -m benchmarks.desk [--pages 500] [--lines 40] [--smoke]
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import psutil
import typer

from htrkit.geometry import box
from htrkit.pages.sources import Sources
from htrkit.pages.xml.write_page import PageXml
from htrkit.types import Hypothesis, Page, Place, Region, Result, Run, Word

HTRKIT = str(Path(sys.executable).with_name("htrkit"))
WIDTH, STEP = 1700, 60
"""Pixels across a page, and from one line to the next: about 200 dots an inch."""


def main(pages: int = 500, lines: int = 40, smoke: bool = False) -> None:
    """Times after the server's start, with nothing known and then anew, and as ratios to reading a page from disk."""
    pages, lines = (6, 4) if smoke else (pages, lines)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        make(folder, pages, lines)
        disk = statistics.median(_seconds(partial(_read, path)) for path in sorted(folder.glob("*.xml"))[:9])
        print(f"{pages} pages of {lines} lines; one page from disk, with its image: {disk * 1000:.0f} ms")
        for state in ("first start", "next start"):
            _measure(state, folder, disk)


def make(folder: Path, pages: int, lines: int) -> None:
    """A project of pages that have been read, all with one picture."""
    picture = folder / "0000.jpg"
    pixels = np.full((STEP * (lines + 2), WIDTH), 225, np.uint8)
    words = ["a", "line", "of", "writing", "with", "eight", "words", "each"]
    places, results = [], []
    for number in range(lines):
        y = STEP * (number + 1)
        cv2.putText(pixels, " ".join(words), (80, y + 40), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.3, 40, 2)
        place = Place(
            "", number, box(70.0, y, WIDTH - 70.0, y + STEP), ((70.0, y + 44.0), (WIDTH - 70.0, y + 44.0)), "r"
        )
        found = tuple(
            Word(word, box(80.0 + 150 * i, y, 220.0 + 150 * i, y + STEP), 0.9) for i, word in enumerate(words)
        )
        places.append((place, None))
        results.append(Result("", (Hypothesis(" ".join(words), 0.0, confidence=0.9, words=found),), place))
    cv2.imwrite(str(picture), pixels)
    region = Region("r", "text", box(60.0, 50.0, WIDTH - 60.0, pixels.shape[0] - 50.0))
    for number in range(pages):
        path = picture.with_name(f"{number:04}.jpg")
        if number:
            shutil.copy(picture, path)
        page = Page(path.name, path, 1, pixels, (region,), tuple(places))
        path.with_suffix(".xml").write_text("".join(PageXml(Run("m", "d"))(results, page)), encoding="utf-8")


def _measure(state: str, folder: Path, disk: float) -> None:
    command = [HTRKIT, "serve", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            found = re.search(r"http://\S+", server.stderr.readline())
            assert found, "the server has not started"
            base = found[0] + "api/"
            listed = _seconds(partial(_get, base + "project"))
            paths = [f"pages/{quote(path.name)}" for path in sorted(folder.glob("*.jpg"))]
            opened = [_seconds(partial(_get, base + path)) for path in paths[:20]]
            shown = [_seconds(partial(_get, f"{base}{path}/image?width=1200")) for path in paths[:20]]
            memory = psutil.Process(server.pid).memory_info
            before = memory().rss >> 20
            for path in paths:
                _get(base + path)
                _get(f"{base}{path}/image?width=1200")
            after = memory().rss >> 20
        finally:
            server.terminate()
    rows = {"list": listed, "page": statistics.median(opened), "its image": statistics.median(shown)}
    times = "  ".join(f"{name} {value * 1000:.0f} ms ({value / disk:.1f} x)" for name, value in rows.items())
    print(f"{state}: {times}  memory {before} MB, {after} MB after {len(paths)} pages")


def _read(path: Path) -> None:
    assert all(isinstance(page, Page) for page in Sources().pages([str(path)]))


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    typer.run(main)
