"""A decoder in a process of its own, which is killed when it takes too long and started anew for the next line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from htrkit.errors import HtrkitError
from htrkit.evaluation.contest.group import Group
from htrkit.evaluation.contest.worker import Make
from htrkit.processes import TOO_MUCH_MEMORY, LostError, Process
from htrkit.types import LogProbs

WORKER = "htrkit.evaluation.contest.worker"
TIMEOUTS_TAKEN = 3
"""Over how many lines a decoder may take too long before it is left out."""


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


class IsolatedDecoder:
    """A decoder that answers from another process; a line on which it hangs or crashes is lost alone.

    The lines to ``warm_up`` with come first, before anything is timed: one, and the next only where it fails on that.
    """

    def __init__(self, make: Make, n_best: int, limits: Limits, warm_up: Sequence[LogProbs]) -> None:
        self._make, self._n_best, self._limits, self._warm_up = make, n_best, limits, warm_up
        self._process: Process | None = None
        self._singly, self._late, self._closed = False, 0, False

    def decode(self, log_probs: Sequence[LogProbs]) -> Group:
        """Decode lines, one by one where they cannot be decoded together within the limit for one of them.

        Raises DecoderError if the decoder cannot be made, needs too much memory for every line that it is warmed up
        on, or has taken too long over more lines than `TIMEOUTS_TAKEN`.
        """
        if not self._singly:
            try:
                return self._decode(log_probs)
            except LostError as error:
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
        except LostError as error:
            self._late += error.late
            if self._late > TIMEOUTS_TAKEN:
                raise DecoderError(f"given up after {self._late} lines on which it failed: {error}") from error
            return Group((str(error),))

    def _decode(self, log_probs: Sequence[LogProbs]) -> Group:
        process = self._process
        if process is None or process.ended:
            process = self._started()
        return Group.from_json(process.ask((log_probs, self._n_best), self._limits.line))

    def _started(self) -> Process:
        self._process = process = Process(WORKER)
        if self._closed:
            process.end()
            raise DecoderError("was stopped")
        try:
            process.ask(self._make, self._limits.start)
        except LostError as error:
            raise DecoderError(f"cannot be made: {error}" if process.ended else str(error)) from error
        try:
            self._read_first(process)
        except LostError:  # counted when the turn of these lines comes
            self._warm_up = ()
            process.end()
            return self._started()
        return process

    def _read_first(self, process: Process) -> None:
        """Decode the first of the lines to warm up with that it can read; those before it are not tried again.

        Filling the memory takes longer than most limits for a line: that it was the memory is only known here.
        """
        reasons: list[str] = []
        while self._warm_up:
            group = Group.from_json(process.ask((self._warm_up[:1], self._n_best), self._limits.start))
            if not group.failures:
                return
            reasons += group.failures
            self._warm_up = self._warm_up[1:]
        if reasons and set(reasons) == {TOO_MUCH_MEMORY}:
            process.end()
            raise DecoderError(f"given up: {TOO_MUCH_MEMORY} for every line that it was tried on")
