"""Processes that read bad inputs within limits of time and memory; one that dies or hangs costs its input alone."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from htrkit.processes import waited_for_a_core
from tests.campaign.attack import Attack, Input
from tests.campaign.once import limit_memory, once

PATIENCE = 6.0
"""How much longer an input may take that was late once: the machine may have been busy."""
LATE = "it took too long"
_context = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input.

    Attributes
    ----------
    what
        Its kind.
    fault
        Empty if it passed.
    seconds
        That it took, without those that its process waited for a core.
    gigabytes
        The most memory that its process has had.
    """

    number: int
    what: str
    fault: str
    seconds: float
    gigabytes: float


def run(attack: Attack, numbers: Iterable[int], *, processes: int = 2) -> Iterator[Outcome]:
    """Read the inputs of these numbers."""
    waiting, late = deque(numbers), set[int]()
    workers = [_Worker(attack) for _ in range(processes)]
    try:
        while waiting or any(worker.asked for worker in workers):
            for worker in workers:
                if waiting and not worker.asked:
                    one = attack.draw(waiting.popleft())
                    worker.ask(one, one.kind.seconds * (PATIENCE if one.number in late else 1.0))
            busy: dict[Any, _Worker] = {worker.connection: worker for worker in workers if worker.asked}
            for worker in busy.values():
                worker.end_if_late()
            for connection in wait(list(busy), timeout=0.5):
                outcome = busy[connection].answer()
                if outcome.fault.startswith(LATE) and outcome.number not in late:
                    late.add(outcome.number)
                    waiting.append(outcome.number)
                else:
                    yield outcome
    finally:
        for worker in workers:
            worker.end()


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
        self._warm = self._late = False

    def ask(self, one: Input, limit: float) -> None:
        """Have an input read, within so many seconds."""
        if not self._warm:
            try:
                self._warm = self.connection.recv()
            except EOFError:
                raise RuntimeError(self._said()) from None
        self.asked, self._end = one, self._clock() + limit
        self.connection.send(one.number)

    def end_if_late(self) -> None:
        if self._clock() > self._end and not self.connection.poll() and self._process.pid and not self._late:
            self._late = True
            os.kill(self._process.pid, signal.SIGABRT)  # of which it writes where it was

    def answer(self) -> Outcome:
        """What became of what was asked for."""
        assert self.asked is not None
        one, self.asked = self.asked, None
        try:
            answer = self.connection.recv()
        except EOFError:
            answer = None
        if answer and not self._late:
            return Outcome(one.number, one.kind.name, *answer)
        self._process.join()
        end = LATE if self._late else f"the process ended with {self._process.exitcode}"
        said = self._said()
        self._start()
        return Outcome(one.number, one.kind.name, f"{end}: {said}", one.kind.seconds, 0.0)

    def _clock(self) -> float:
        """Seconds, without those that the process waited for a core of a busy machine."""
        return time.monotonic() - (waited_for_a_core(self._process.pid) if self._process.pid else 0.0)

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        self._process.kill()
        self._process.join()


def _work(connection: Connection[Any, Any], attack: Attack, log: Path) -> None:
    """Read what is asked for until the process is killed; what is wrong is in the log if it ends otherwise."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
        faulthandler.enable(file)
        once()
        attack.warm_up()
        limit_memory()
        connection.send(True)
        while True:
            number = connection.recv()
            file.seek(0)
            file.truncate()
            one = attack.draw(number)
            start = time.perf_counter() - waited_for_a_core()
            fault = attack.read(one)
            seconds = time.perf_counter() - waited_for_a_core() - start
            connection.send((fault, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6))
