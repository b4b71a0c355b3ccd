"""Attack htrkit: mutated inputs of every kind, and every command that writes killed at random moments.

python scripts/campaign.py --inputs 100000 --kills 200 --seed 1 --keep DIR

An input passes if htrkit reads it or refuses it in one sentence, in seconds, within 1.5 GB, and reads the good one
beside it; what fails is kept in DIR. A kill passes if nothing half done stands under its final name, and the next run
ends as an unbroken one; for trainings there is tests/training/killed.py. Ends with 1 if anything failed. It needs Linux
and what htrkit[dev] installs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.campaign import ground, kills, workers
from tests.campaign.attack import Attack, Input

SHOWN = 1000
"""Characters of a fault."""


def main() -> None:
    """Attack, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=2000, help="mutated inputs to read")
    parser.add_argument("--first", type=int, default=0, help="the number of the first of them")
    parser.add_argument("--kills", type=int, default=20, help="runs to kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="that work side by side")
    parser.add_argument("--keep", type=Path, default=None, metavar="DIR", help="where to keep inputs that fail")
    given = parser.parse_args()
    failed = _read(given) + _kill(given)
    sys.exit(1 if failed else 0)


def _read(given: argparse.Namespace) -> int:
    """Read mutated inputs; how many failed."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-", dir=ground.FAST) as name:
        attack = Attack(given.seed, Path(name) / "ground")
        ground.draw(attack.folder)

        def tell(one: Input, fault: str) -> None:
            print(f"input {one.number} ({one.kind.name}) {fault.strip()[:SHOWN]}", flush=True)
            if given.keep:
                attack.keep(one, fault, given.keep)

        numbers = range(given.first, given.first + given.inputs)
        found = workers.run(attack, numbers, processes=given.processes, told=tell)
    for kind, count in sorted(found.kinds.items()):
        print(f"{count:7,}  {found.slowest[kind]:6.2f} s at most  {kind}")
    print(f"{found.kinds.total():,} inputs, {len(found.faults)} failed, {time.monotonic() - start:.0f} s", flush=True)
    return len(found.faults)


def _kill(given: argparse.Namespace) -> int:
    """Kill commands; how many of them left something wrong."""

    def tell(work: kills.Work, fault: str) -> None:
        print(f"killed {' '.join(work.command)}: {fault.strip()[:SHOWN]}", flush=True)

    start = time.monotonic()
    failed = kills.run(given.kills, given.seed, processes=given.processes, told=tell) if given.kills else 0
    print(f"{given.kills:,} kills, {failed} failed, {time.monotonic() - start:.0f} s")
    return failed


if __name__ == "__main__":
    main()
