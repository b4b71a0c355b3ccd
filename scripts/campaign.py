"""Attack htrkit: mutated inputs of every kind, and every command that writes killed at random moments.

python scripts/campaign.py --inputs 100000 --kills 200 --seed 1 --keep DIR

An input passes if htrkit reads it or refuses it in one sentence, in seconds, within 1.5 GB, and reads the good one
beside it; what fails is kept in DIR. A kill passes if nothing half done stands under its final name, and the next run
ends as an unbroken one; for trainings there is tests/training/killed.py. Ends with 1 if anything failed. DIR also has
what is done: after an interruption, or with more inputs and kills, the same command goes on. It needs Linux and what
htrkit[dev] installs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from htrkit.journal import Journal
from tests.campaign import ground, kills, workers
from tests.campaign.attack import Attack

SHOWN = 1000
"""Characters of a fault."""
Row = TypeVar("Row", workers.Outcome, kills.Killed)


def main() -> None:
    """Attack, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=2000, help="mutated inputs to read")
    parser.add_argument("--first", type=int, default=0, help="the number of the first of them")
    parser.add_argument("--kills", type=int, default=20, help="runs to kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="that work side by side")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to keep what is done, and inputs that fail")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="campaign-", dir=ground.FAST) as name:
        given.keep = given.keep or Path(name) / "kept"
        failed = _read(given, Attack(given.seed, Path(name) / "ground")) + _kill(given)
    sys.exit(1 if failed else 0)


def _read(given: argparse.Namespace, attack: Attack) -> int:
    """Read mutated inputs; how many failed."""

    def read(numbers: Sequence[int]) -> Iterator[workers.Outcome]:
        ground.draw(attack.folder)
        for one in workers.run(attack, numbers, processes=given.processes):
            if one.fault:
                attack.keep(attack.draw(one.number), one.fault, given.keep)
            yield one

    file = given.keep / f"inputs-{given.seed}.jsonl"
    found = done(file, workers.Outcome, range(given.first, given.first + given.inputs), read)
    kinds = defaultdict[str, list[float]](list)
    for one in found:
        kinds[one.what].append(one.seconds)
    for kind, seconds in sorted(kinds.items()):
        print(f"{len(seconds):7,}  {max(seconds):6.2f} s at most  {kind}")
    failed = sum(bool(one.fault) for one in found)
    gigabytes = max((one.gigabytes for one in found), default=0.0)
    print(f"{len(found):,} inputs, {failed} failed, {gigabytes:.2f} GB at most")
    return failed


def _kill(given: argparse.Namespace) -> int:
    """Kill commands; how many of them left something wrong."""

    def kill(numbers: Sequence[int]) -> Iterator[kills.Killed]:
        return kills.run(numbers, given.seed, processes=given.processes)

    found = done(given.keep / f"kills-{given.seed}.jsonl", kills.Killed, range(given.kills), kill)
    failed = sum(bool(one.fault) for one in found)
    print(f"{len(found):,} kills, {failed} failed")
    return failed


def done(
    file: Path, row: Callable[..., Row], numbers: range, attack: Callable[[Sequence[int]], Iterator[Row]]
) -> list[Row]:
    """What came of these numbers: of those that a file has not, they are attacked now, and kept there."""

    def parse(values: Any) -> Row:
        return row(**values)

    with closing(Journal(file, parse, asdict)) as journal:
        known = {one.number for one in journal.rows}
        if left := [number for number in numbers if number not in known]:
            for one in attack(left):
                journal.add(one)
                if one.fault:
                    print(f"{one.number} ({one.what}): {one.fault.strip()[:SHOWN]}", flush=True)
        return [one for one in journal.rows if one.number in numbers]


if __name__ == "__main__":
    main()
