"""Commands killed at random moments: no file is half there, and the next run ends as an unbroken one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from htrkit.files import PART
from tests.campaign import ground

ROOT = Path(__file__).parents[2]
SLOW = 600.0
"""Seconds after which a command hangs."""
LONGEST_DELAY = 0.05
TIMES = re.compile("second|speed|time|^date$|^encoder$")
"""Keys in JSON under which runs differ: how long it took, and of how many lines the network's output was kept."""
DATES = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")
"""In XML."""
Contents = dict[str, object]


@dataclass(frozen=True, slots=True)
class Work:
    """A command that writes.

    Attributes
    ----------
    command
        Its arguments, in the folder that `ground.draw` drew.
    files
        What it writes at the end, whole or not at all.
    """

    command: tuple[str, ...]
    files: tuple[str, ...] = ()


PLAIN = ("--model", "plain")
PAGE_XML = ("--format", "page-xml", "--output", "new", "--force")
SEVERAL = tuple(f"{ground.DATA}/{text}.png" for text in ground.TEXTS)
WORKS = (
    Work(("recognize", *SEVERAL, *PLAIN, "--output", "read.txt", "--force"), ("read.txt",)),
    Work(
        ("recognize", *SEVERAL, *PLAIN, "--format", "jsonl", "--save-log-probs", "kept.npz", "--force"), ("kept.npz",)
    ),
    Work(("decode", "outputs.npz", "--decoder", "beam", "--output", "read.txt", "--force"), ("read.txt",)),
    Work(("decode", "outputs.npz", "--decoder", f"word-beam:lexicon={ground.BIG_LEXICON}")),
    Work(("segment", "page.png", *PAGE_XML), ("new/page.xml",)),
    Work(("recognize", "page.png", "good.png", *PLAIN, *PAGE_XML), ("new/page.xml", "new/good.xml")),
    Work((*ground.IMPORT[:-1], "new"), ("new/model.json",)),
    Work(("synth", *ground.SYNTH[1:-1], "5", "--out", "new"), ("new/table.tsv", "new/synth.json")),
    Work(("lexicon", "build", "text.txt", "--out", "new.txt", "--force"), ("new.txt",)),
    Work(("lm", "build", "text.txt", "--out", "new.arpa", "--force"), ("new.arpa",)),
    Work(("lm", "build", "text.txt", "--out", "new.npz", "--characters", "--force"), ("new.npz",)),
    Work(
        (*ground.COMPARE, "--cache", "new", "--report", "r.json", "--report", "r.html", "--json"), ("r.json", "r.html")
    ),
    Work((*ground.TUNE, "--cache", "new", "--save", "--json"), ("bars/model.json",)),
    Work(("evaluate", ground.DATA, *PLAIN, "--resamples", "100", "--json")),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, what it said on standard output, how long it took, and how often it changed the disk."""

    code: int
    out: str
    err: str
    seconds: float
    changes: int


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of a kill: of a command's, with no ``fault`` if nothing is wrong."""

    number: int
    what: str
    fault: str


def run(numbers: Sequence[int], seed: int, works: Sequence[Work] = WORKS, *, processes: int = 2) -> Iterator[Killed]:
    """Kill commands, each in its turn; a kill depends on the seed and its number alone."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name, ThreadPoolExecutor(processes) as pool:
        folder = Path(name)
        ground.draw(folder / "ground")
        shutil.rmtree(folder / "ground" / "cache")

        def kill(number: int) -> Killed:
            work, scratch = works[number % len(works)], folder / str(number)
            shutil.copytree(folder / "ground", scratch)
            fault = _killed(work, Random(f"{seed} {number}"), scratch, *unbroken[work])
            shutil.rmtree(scratch)
            return Killed(number, " ".join(work.command), fault)

        def run_unbroken(work: Work) -> tuple[Ended, Contents]:
            scratch = Path(tempfile.mkdtemp(dir=folder)) / "ground"
            shutil.copytree(folder / "ground", scratch)
            return _run(work.command, scratch), contents(scratch)

        wanted = {works[number % len(works)] for number in numbers}
        unbroken = dict(zip(wanted, pool.map(run_unbroken, wanted), strict=True))
        yield from pool.map(kill, numbers)


def _killed(work: Work, rng: Random, folder: Path, unbroken: Ended, wanted: Contents) -> str:
    """Kill a command in a folder, and say what is wrong with what it leaves, or with how it runs then."""
    if unbroken.code:
        return f"it fails even when it is not killed: {unbroken.err}"
    if rng.random() < 0.5:
        for file in work.files:
            if (folder / file).parent == folder:
                (folder / file).write_bytes(b"of another run")
    before = contents(folder)
    if rng.random() < 0.7 and unbroken.changes:
        delay = rng.choice((0.0, rng.uniform(0, LONGEST_DELAY)))
        _run(work.command, folder, at=rng.randint(1, unbroken.changes), delay=delay)
    else:
        _run(work.command, folder, seconds=rng.uniform(0, unbroken.seconds))
    left = contents(folder)
    for file in work.files:
        if left.get(file) not in (wanted[file], before.get(file)):
            return f"{file} is neither as it was nor as it should be: {left.get(file)!r}"
    again = _run(work.command, folder)
    if again.code and "is there already" in again.err and wanted.items() <= left.items():
        return ""  # it was at its end, and goes nowhere twice
    if again.code:
        return f"the next run ends with {again.code}: {again.err}"
    if again.out != unbroken.out:
        return f"the next run says {again.out!r} instead of {unbroken.out!r}"
    found = contents(folder)
    if wrong := [file for file in wanted if found.get(file) != wanted[file]]:
        return f"the next run leaves another {', '.join(wrong)}"
    if strange := [file for file in found.keys() - wanted.keys() if not file.endswith(".part") and PART not in file]:
        return f"what is left over looks finished: {', '.join(strange)}"
    return ""


def _run(
    command: Sequence[str], folder: Path, *, at: int = 0, delay: float = 0.0, seconds: float | None = None
) -> Ended:
    """Run a command, to be killed after some changes to the disk, or after some seconds, or not at all."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HTRKIT_CACHE": "cache", "NO_COLOR": "1"}
    environment["PYTHONHASHSEED"] = "0"  # by which matplotlib orders the fonts that it finds
    environment.pop("HTRKIT_PLUGINS", None)
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.campaign.dying", str(at), str(delay), *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        out, err = process.communicate(timeout=SLOW if seconds is None else seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    *said, last = err.splitlines() or [""]
    changes = int(last) if last.isdigit() else 0
    return Ended(process.returncode, _timeless(out), "\n".join(said), time.monotonic() - start, changes)


def contents(folder: Path) -> Contents:
    """What each file in a folder and below holds, without times and dates."""
    return {str(path.relative_to(folder)): _content(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def _content(path: Path) -> object:
    data = path.read_bytes()
    if path.suffix == ".npz":
        with suppress(Exception), np.load(path) as arrays:  # half of one is its bytes
            return {name: arrays[name].tolist() for name in arrays}
    if path.suffix == ".html":  # it is full of times
        return data.rstrip().endswith(b"</html>") or data
    if path.suffix == ".xml":
        return DATES.sub(b"", data)
    return _timeless(data.decode(errors="replace")) if path.suffix == ".json" else data


def _timeless(text: str) -> str:
    """JSON without what it says of times; any other text as it is."""
    try:
        return json.dumps(json.loads(text, object_hook=_without_times))
    except ValueError:
        return text


def _without_times(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if not TIMES.search(key)}
