"""Processes that read bad inputs within limits of time and memory; one that dies or hangs costs its input alone."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.campaign import attack, ground
from tests.campaign.kinds import kinds

BYTES = 1_500_000_000
"""That reading an input may take beyond what the process has once a good input of each kind has been read."""
PATIENCE = 6.0
"""How much longer an input may take that was late once: the machine may have been busy."""
MEMORY = Path("/dev/shm")
"""Making and removing a folder for each input takes longer on a disk than reading it."""
_context = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Outcome:
    """What became of inputs.

    Attributes
    ----------
    kinds
        How many there were of each kind.
    faults
        What is wrong, by number.
    slowest
        The longest that an input of each kind took, in seconds.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)


def run(
    numbers: Iterable[int],
    seed: int,
    *,
    processes: int = 2,
    kept: Path | None = None,
    told: Callable[[attack.Input, str], None] = lambda one, fault: None,
) -> Outcome:
    """Read the inputs of these numbers; those that fail are put into ``kept``, and ``told`` hears of them."""
    outcome, waiting, late = Outcome(), deque(numbers), set[int]()
    with tempfile.TemporaryDirectory(prefix="campaign-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name) / "ground"
        ground.draw(folder)
        workers = [_Worker(folder, seed) for _ in range(processes)]
        try:
            while waiting or any(worker.number is not None for worker in workers):
                for worker in workers:
                    if worker.number is None and waiting:
                        number = waiting.popleft()
                        worker.ask(number, PATIENCE if number in late else 1.0)
                asked = {worker.connection: worker for worker in workers if worker.number is not None}
                for connection in wait(list(asked)):
                    number, kind, fault, seconds = asked[connection].answer()  # type: ignore[index]
                    if fault.startswith(LATE) and number not in late:
                        late.add(number)
                        waiting.append(number)
                        continue
                    outcome.kinds[kind] += 1
                    outcome.slowest[kind] = max(seconds, outcome.slowest.get(kind, 0.0))
                    if fault:
                        one = attack.drawn(seed, number, folder)
                        outcome.faults[number] = fault
                        told(one, fault)
                        if kept:
                            attack.keep(one, fault, kept)
        finally:
            for worker in workers:
                worker.end()
    return outcome


LATE = "it took too long"


class _Worker:
    """A process, which is started anew when it has died."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._log = folder.parent / f"log-{id(self)}"
        self.number: int | None = None
        self._start()

    def _start(self) -> None:
        self.connection, theirs = _context.Pipe()
        self._process = _context.Process(target=_work, args=(theirs, self._folder, self._seed, self._log), daemon=False)
        self._process.start()
        theirs.close()

    def ask(self, number: int, patience: float) -> None:
        self.number = number
        self.connection.send((number, patience))

    def answer(self) -> tuple[int, str, str, float]:
        """The number that was asked for, its kind, what is wrong with how it was read, and the seconds that it took."""
        assert self.number is not None
        number, self.number = self.number, None
        try:
            return number, *self.connection.recv()
        except EOFError:
            self._process.join()
            said = self._log.read_text(encoding="utf-8", errors="replace")
            fault = f"{LATE if 'Timeout' in said else f'the process ended with {self._process.exitcode}'}: {said}"
            self._start()
            return number, attack.drawn(self._seed, number, self._folder).kind.name, fault, 0.0

    def end(self) -> None:
        self._process.kill()
        self._process.join()


def _work(connection: Connection, folder: Path, seed: int, log: Path) -> None:
    """Answer until the process is killed; what is wrong is in the log if it ends otherwise."""
    scratch = folder.parent / f"scratch-{os.getpid()}"
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
        faulthandler.enable(file)
        for number in range(len(kinds())):
            one = attack.drawn(seed, number, folder, good=True)
            if fault := attack.read(one, folder, scratch):
                raise RuntimeError(f"a good input is not read ({one.kind.name}): {fault}")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        while True:
            number, patience = connection.recv()
            file.truncate(0)
            one = attack.drawn(seed, number, folder)
            faulthandler.dump_traceback_later(one.kind.seconds * patience, exit=True, file=file)
            start = time.perf_counter()
            fault = attack.read(one, folder, scratch)
            seconds = time.perf_counter() - start
            faulthandler.cancel_dump_traceback_later()
            connection.send((one.kind.name, fault, seconds))
