"""Reads drawn pages with `htrkit bulk` on a cluster of two nodes, kills workers and the driver at random moments, and
compares the results with those of `htrkit recognize`:

    python scripts/bulk_kills.py --pages 300 --kills 30 --seed 1

All nodes are on this machine, one core each. Whatever was killed, each page has to be read once, to the same bytes.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
import psutil
import pyarrow.parquet as pq
import typer
from ray.cluster_utils import Cluster

WORDS = ("the", "garden", "is", "under", "water", "again", "and", "nobody", "will", "ever", "know", "her", "name")
STORE = 100 << 20
PATIENCE = {"health_check_timeout_ms": 60_000, "health_check_failure_threshold": 10}
"""With nodes that a busy machine keeps waiting."""
DRIVER = "driver"
WORKERS = {"reading worker": "_read", "any worker": ""}
"""What else is killed, and what is in its process' name."""


def main(pages: int = 300, kills: int = 30, seed: int = 1, lines: int = 8) -> None:
    """Exit with 1 if a page is missing, double or different."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_pages(folder / "scans", pages, lines, seed)
        read = ["recognize", folder / "scans", "--format", "page-xml", "--output", folder / "plain"]
        subprocess.run(htrkit(*read), check=True)
        started = time.monotonic()
        with cluster() as address:
            killed = read_under_kills(folder / "scans", folder / "out", address, kills, seed)
        wrong = differences(folder / "plain", folder / "out")
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(killed.items()))
        print(f"{pages} pages in {time.monotonic() - started:.0f} s; killed: {told}; wrong: {len(wrong)}")
        for one in wrong:
            print(one)
    sys.exit(bool(wrong) or killed.total() < kills)


def htrkit(*arguments: object) -> list[str]:
    """The command with its arguments."""
    return [sys.executable, "-m", "htrkit", *map(str, arguments)]


def draw_pages(folder: Path, count: int, lines: int, seed: int) -> None:
    """Pages of writing, no two alike."""
    folder.mkdir(parents=True)
    choose = random.Random(seed)
    for number in range(1, count + 1):
        pixels = np.full((120 + 80 * lines, 900), 228, np.uint8)
        for line in range(lines):
            text, at = " ".join(choose.choices(WORDS, k=6)), (40, 100 + 80 * line)
            cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, 45, 2, cv2.LINE_AA)
        cv2.imwrite(str(folder / f"{number:04}.png"), pixels)


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a cluster of two nodes on this machine, each with one core."""
    node = {"num_cpus": 1, "object_store_memory": STORE}
    head = {**node, "include_dashboard": False, "_system_config": PATIENCE}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        made.add_node(**node)
        yield str(made.address)
    finally:
        made.shutdown()


def read_under_kills(scans: Path, out: Path, address: str, kills: int, seed: int) -> Counter[str]:
    """What was killed. Each kill waits for a random number of pages, and the command is run again until all is read."""
    choose = random.Random(seed)
    count = len(list(scans.iterdir()))
    moments = sorted(choose.randrange(count) for _ in range(kills))
    killed: Counter[str] = Counter()
    while True:
        driver = subprocess.Popen(htrkit("bulk", scans, "--out", out, "--address", address), start_new_session=True)
        while driver.poll() is None:
            time.sleep(choose.uniform(0.1, 1.0))
            if moments and len(list(out.glob("pages/*.xml"))) >= moments[0]:
                victim = kill_one(driver, choose)
                if victim:
                    killed[victim] += 1
                    del moments[0]
        if driver.returncode == 0:
            return killed
        if driver.returncode != -signal.SIGKILL:
            sys.exit(f"htrkit bulk ended with {driver.returncode}")


def kill_one(driver: subprocess.Popen[bytes], choose: random.Random) -> str:
    """Kill the driver, an actor or another worker of the cluster, and say which; an empty text if there is none yet."""
    processes = {one: _name(one) for one in psutil.Process().children(recursive=True)}
    # without its agent a node is lost, the driver's own too
    workers = {one: name for one, name in processes.items() if name.startswith("ray::") and "Agent" not in name}
    kind = choose.choice([DRIVER, *WORKERS])
    if kind == DRIVER:
        driver.kill()
        driver.wait()
        return kind
    victims = [one for one, name in workers.items() if WORKERS[kind] in name]
    if not victims:
        return ""
    with suppress(psutil.NoSuchProcess):
        choose.choice(victims).kill()
    return kind


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def differences(plain: Path, out: Path) -> list[str]:
    """What is not as it should be."""
    wanted = {path.name: without_times(path) for path in plain.iterdir()}
    found = {path.name: without_times(path) for path in (out / "pages").iterdir()}
    rows = [row for path in (out / "manifest").iterdir() for row in pq.read_table(path).to_pylist()]
    lines = Counter(
        (line["page"], line["order"])
        for path in (out / "lines").iterdir()
        for line in pq.read_table(path, columns=["page", "order"]).to_pylist()
    )
    times = Counter(Path(row["output"]).name for row in rows)
    return [
        *(f"{name}: missing" for name in wanted.keys() - found.keys()),
        *(f"{name}: different" for name in wanted.keys() & found.keys() if wanted[name] != found[name]),
        *(f"{name}: {times[name]} times in the manifest" for name in wanted if times[name] != 1),
        *(f"{page}: line {order} {count} times" for (page, order), count in lines.items() if count != 1),
        *(f"{row['page']}: {row['lines']} lines" for row in rows if row["lines"] != _lines(wanted, row["output"])),
    ]


def _lines(wanted: dict[str, str], output: str) -> int:
    return wanted[Path(output).name].count("<TextLine ")


def without_times(path: Path) -> str:
    """A file of results without the time at which it was made."""
    return re.sub("<(Created|LastChange)>[^<]*", "", path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    typer.run(main)
