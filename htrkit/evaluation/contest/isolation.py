"""A decoder in a process of its own, which is killed when it takes too long and started anew for the next line."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from htrkit.errors import HtrkitError
from htrkit.evaluation.contest.group import Group, waited_for_a_core
from htrkit.evaluation.contest.worker import Make, Request
from htrkit.quoting import one_line
from htrkit.types import LogProbs

COMMAND = "from htrkit.evaluation.contest.worker import main; main()"
TIMEOUTS_TAKEN = 3
"""Over how many lines a decoder may take too long before it is left out."""
GOODBYE = 2.0
"""Seconds that a process may take to end by itself."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a decoder may take; what it waits for a core of a busy machine does not count, where the system tells.

    Parameters
    ----------
    line
        Seconds for a line.
    start
        Seconds for loading it, and again for a first line that is read for the sake of what is done once, such as
        compiling.
    memory
        Gigabytes for each process that it runs in; None for half of what the machine has.
    """

    line: float = 20.0
    start: float = 60.0
    memory: float | None = None


class DecoderError(HtrkitError):
    """Nothing will come of a decoder: it cannot be made, or fails too often."""


class _LostError(Exception):
    """A process raised, ended or took too long instead of answering."""

    def __init__(self, reason: str, *, late: bool = False) -> None:
        super().__init__(reason)
        self.late = late


class IsolatedDecoder:
    """A decoder that answers from another process; a line on which it hangs or crashes is lost alone.

    Parameters
    ----------
    make
        What makes it there.
    n_best
        Hypotheses for each line.
    limits
        What it may take.
    warm_up
        Lines to begin with, before anything is timed.
    """

    def __init__(self, make: Make, n_best: int, limits: Limits, warm_up: Sequence[LogProbs]) -> None:
        self._make, self._n_best, self._limits, self._warm_up = make, n_best, limits, warm_up
        self._process: _Process | None = None
        self._singly, self._late, self._closed = False, 0, False

    def decode(self, log_probs: Sequence[LogProbs]) -> Group:
        """Decode lines, one by one where they cannot be decoded together within the limit for one of them.

        Raises DecoderError if the decoder cannot be made, or has taken too long over more lines than `TIMEOUTS_TAKEN`.
        """
        if not self._singly:
            try:
                return self._decode(log_probs)
            except _LostError as error:
                self._singly = error.late  # perhaps it is just slow
        read = [self._decode_one(one) for one in log_probs]
        lines = tuple(line for group in read for line in group.lines)
        return Group(lines, sum(group.timed for group in read), sum(group.seconds for group in read))

    def close(self) -> None:
        """End the process. Another thread may be waiting for an answer: this is the end of its waiting."""
        self._closed = True
        if self._process:
            self._process.end()

    def _decode_one(self, log_probs: LogProbs) -> Group:
        try:
            return self._decode([log_probs])
        except _LostError as error:
            self._late += error.late
            if self._late > TIMEOUTS_TAKEN:
                raise DecoderError(f"given up after {self._late} lines on which it failed: {error}") from error
            return Group((str(error),))

    def _decode(self, log_probs: Sequence[LogProbs]) -> Group:
        process = self._process
        if process is None or process.ended:
            process = self._started()
        return Group.from_json(process.ask((log_probs, self._n_best), self._limits.line))

    def _started(self) -> _Process:
        self._process = process = _Process()
        if self._closed:
            process.end()
            raise DecoderError("was stopped")
        try:
            process.ask(self._make, self._limits.start)
        except _LostError as error:
            raise DecoderError(f"cannot be made: {error}" if process.ended else str(error)) from error
        if self._warm_up:
            try:
                process.ask((self._warm_up, self._n_best), self._limits.start)
            except _LostError:  # counted when the turn of these lines comes
                self._warm_up = ()
                process.end()
                return self._started()
        return process


class _Process:
    """A worker, and the last of what it says."""

    def __init__(self) -> None:
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100 - "" is the current folder
        self._process = subprocess.Popen(
            # -P: a file that happens to lie in the current folder must not stand in for a module
            [sys.executable, "-P", "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # what Ctrl-C means for it, and for what it starts itself, is decided here
        )
        self._said: deque[bytes] = deque(maxlen=2)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.ended = False

    def ask(self, request: Request, limit: float) -> Any:
        """The answer; without one in time, the process is ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answered, late = Event(), Event()
        watch = Thread(target=self._watch, args=(limit, answered, late), daemon=True)
        watch.start()
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            answer = None
        finally:
            answered.set()
            watch.join()
        if late.is_set():
            self.end()
            raise _LostError(f"took longer than {limit:g} s, and was stopped", late=True)
        if answer is None:
            raise _LostError(self._epitaph())
        if "refused" in answer:
            raise _LostError(answer["refused"])
        return answer

    def end(self) -> None:
        """Kill it."""
        self.ended = True
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()

    def _watch(self, limit: float, answered: Event, late: Event) -> None:
        """Kill it when it has taken too long; what it waits for a core of a busy machine does not count."""
        start, waited, left = time.monotonic(), waited_for_a_core(self._process.pid), limit
        while left > 0:
            if answered.wait(max(left, 0.05)):
                return
            left = limit - (time.monotonic() - start) + waited_for_a_core(self._process.pid) - waited
        late.set()
        self._kill()

    def _kill(self) -> None:
        """Kill it, and what it has started itself."""
        if os.name == "posix":
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def _listen(self) -> None:
        """Keep the last of what it says, which may be gigabytes."""
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._said.append(chunk)

    def _epitaph(self) -> str:
        """How it ended, and the last thing that it said."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GOODBYE)
        self.end()
        self._listener.join(GOODBYE)
        code = self._process.returncode
        signals = {-one: one.name for one in signal.Signals}
        how = f"crashed ({signals.get(code, code)})" if code < 0 else f"ended its process (exit code {code})"
        words = b"".join(self._said).decode("utf-8", "replace").strip().splitlines()
        return f"{how}: {one_line(words[-1])}" if words else how
