"""Processes that read bad inputs within limits of time and memory; one that dies or hangs costs its input alone."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.campaign.attack import Attack, Input

BYTES = 1_500_000_000
"""That reading an input may take beyond what the process has once it is warm."""
PATIENCE = 6.0
"""How much longer an input may take that was late once: the machine may have been busy."""
LATE = "it took too long"
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

    def add(self, one: Input, fault: str, seconds: float) -> None:
        """One input more."""
        self.kinds[one.kind.name] += 1
        self.slowest[one.kind.name] = max(seconds, self.slowest.get(one.kind.name, 0.0))
        if fault:
            self.faults[one.number] = fault


def run(
    attack: Attack,
    numbers: Iterable[int],
    *,
    processes: int = 2,
    told: Callable[[Input, str], None] = lambda one, fault: None,
) -> Outcome:
    """Read the inputs of these numbers; ``told`` hears of those that fail."""
    outcome, waiting, late = Outcome(), deque(numbers), set[int]()
    workers = [_Worker(attack) for _ in range(processes)]
    try:
        while waiting or any(worker.asked for worker in workers):
            for worker in workers:
                if waiting and not worker.asked:
                    worker.ask(one := attack.draw(waiting.popleft()), PATIENCE if one.number in late else 1.0)
            busy = {worker.connection: worker for worker in workers if worker.asked}
            for connection in wait(list(busy)):
                one, fault, seconds = busy[connection].answer()  # type: ignore[index]
                if fault.startswith(LATE) and one.number not in late:
                    late.add(one.number)
                    waiting.append(one.number)
                    continue
                outcome.add(one, fault, seconds)
                if fault:
                    told(one, fault)
    finally:
        for worker in workers:
            worker.end()
    return outcome


class _Worker:
    """A process, which is started anew when it has died."""

    def __init__(self, attack: Attack) -> None:
        self._attack = attack
        self._log = attack.folder.with_name(f"log-{id(self)}")
        self.asked: Input | None = None
        self._start()

    def _start(self) -> None:
        self.connection, theirs = _context.Pipe()
        self._process = _context.Process(target=_work, args=(theirs, self._attack, self._log))
        self._process.start()
        theirs.close()
        self._warm = False

    def ask(self, one: Input, patience: float) -> None:
        if not self._warm:
            try:
                self._warm = self.connection.recv()
            except EOFError:
                raise RuntimeError(self._said()) from None
        self.asked = one
        self.connection.send((one.number, patience))

    def answer(self) -> tuple[Input, str, float]:
        """What was asked for, what is wrong with how it was read, and the seconds that it took."""
        assert self.asked is not None
        one, self.asked = self.asked, None
        try:
            return one, *self.connection.recv()
        except EOFError:
            self._process.join()
            said = self._said()
            end = LATE if "Timeout" in said else f"the process ended with {self._process.exitcode}"
            self._start()
            return one, f"{end}: {said}", one.kind.seconds

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        self._process.kill()
        self._process.join()


def _work(connection: Connection, attack: Attack, log: Path) -> None:
    """Read what is asked for until the process is killed; what is wrong is in the log if it ends otherwise."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
        faulthandler.enable(file)
        attack.warm_up()
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        connection.send(True)
        while True:
            number, patience = connection.recv()
            file.seek(0)
            file.truncate()
            one = attack.draw(number)
            faulthandler.dump_traceback_later(one.kind.seconds * patience, exit=True, file=file)
            start = time.perf_counter()
            fault = attack.read(one)
            seconds = time.perf_counter() - start
            faulthandler.cancel_dump_traceback_later()
            connection.send((fault, seconds))
