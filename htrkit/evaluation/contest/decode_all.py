"""One decoder over all network outputs: timed, limited in time, resumable; what it fails on is lost alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import Any

from htrkit.alphabet import Alphabet
from htrkit.decoders.compiled import compile_ahead
from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.contest.group import Group, decode_group
from htrkit.evaluation.contest.isolation import DecoderError, IsolatedDecoder, Limits
from htrkit.evaluation.contest.worker import Make
from htrkit.journal import Journal
from htrkit.types import Hypothesis, LogProbs

GROUP = 16
"""Lines given at once to a decoder that takes batches; also what times are averaged over."""
GROUPS_WORTH_A_PROCESS = 4
"""Starting one takes about a second."""
FAILURES_TAKEN = 10
"""On how many lines a decoder may fail before it is left out."""

Reader = Callable[[Sequence[LogProbs]], Group]


@dataclass(frozen=True, slots=True)
class AllDecoded:
    """What one decoder read, in the order of the data."""

    groups: tuple[Group, ...]

    @property
    def lines(self) -> list[tuple[Hypothesis, ...] | str]:
        """Hypotheses of each line, or why there are none."""
        return [line for group in self.groups for line in group.lines]

    @property
    def seconds_per_line(self) -> float | None:
        """The median over the second half of the groups, when all is in swing; None if none was timed."""
        times = [group.seconds / group.timed for group in self.groups if group.timed]
        return median(times[len(times) // 2 :]) if times else None


def decode_all(
    contender: Contender,
    alphabet: Alphabet,
    outputs: Sequence[LogProbs],
    *,
    n_best: int = 1,
    limits: Limits | None = None,
    journal: Journal[Group] | None = None,
    processes: int = 1,
    progress: Callable[[int], None] = lambda count: None,
) -> AllDecoded:
    """Decode the ``log_probs`` of every line, going on after a line on which the decoder fails.

    A contender given by name runs in so many processes of its own, each on one thread; a decoder object decodes here,
    alone. What an earlier run has decoded is taken from the journal, and what this one decodes is added. ``progress``
    is called with the number of lines done since the last call.

    Raises DecoderError if the decoder cannot be made, needs too much memory for the first line and the shortest, or
    fails on more lines than `FAILURES_TAKEN`, on every line, or for want of time on more than `TIMEOUTS_TAKEN`.
    """
    limits = limits or Limits()
    done = [] if journal is None else list(journal.rows)
    failures = [reason for group in done for reason in group.failures]
    starts = range(sum(len(group.lines) for group in done), len(outputs), GROUP)
    progress(starts.start)
    isolated: list[IsolatedDecoder] = []
    if contender.decoder is None:
        frames = list(map(len, outputs))
        make = Make(contender.spec, alphabet, sum(frames[:1]) * len(outputs), limits.memory)
        # the first, and the shortest of the others: what needs too much memory for that one reads none
        warm_up = [*outputs[:1], *sorted(outputs[1:], key=len)[:1]]
        # all that a process may count, so that none of them compiles, which would count against the limit for a line
        compile_ahead(make.frames + sum(map(len, warm_up)) + sum(frames))
        useful = max(1, min(processes, len(starts) // GROUPS_WORTH_A_PROCESS))
        isolated = [IsolatedDecoder(make, n_best, limits, warm_up) for _ in range(useful)]
        readers: list[Reader] = [one.decode for one in isolated]
    else:
        readers = [partial(decode_group, contender.decoder, n_best=n_best)]
    with closing(_in_order(readers, isolated, outputs, starts)) as groups:
        for group in groups:
            done.append(group)
            failures += group.failures
            if len(failures) > FAILURES_TAKEN:
                reason = failures[FAILURES_TAKEN]
                raise DecoderError(f"given up after {FAILURES_TAKEN + 1} lines on which it failed: {reason}")
            if journal is not None:
                journal.add(group)
            progress(len(group.lines))
    if outputs and len(failures) == len(outputs):
        raise DecoderError(f"failed on every line: {failures[-1]}")
    return AllDecoded(tuple(done))


def journal_of(path: Path, lines: int) -> Journal[Group]:
    """What a decoder has read so far of so many lines, and will read."""
    left = lines

    def parse(values: Any) -> Group:
        nonlocal left
        group = Group.from_json(values)
        if len(group.lines) != min(GROUP, left):
            raise ValueError(f"{len(group.lines)} lines of {left}")
        left -= len(group.lines)
        return group

    return Journal(path, parse, Group.to_json)


def _in_order(
    readers: Sequence[Reader], isolated: Sequence[IsolatedDecoder], outputs: Sequence[LogProbs], starts: Sequence[int]
) -> Generator[Group, None, None]:
    """Groups in the order of the data, however many readers there are."""
    free: SimpleQueue[Reader] = SimpleQueue()
    for reader in readers:
        free.put(reader)

    def read(start: int) -> Group:
        reader = free.get()
        try:
            return reader(outputs[start : start + GROUP])
        finally:
            free.put(reader)

    with ThreadPoolExecutor(len(readers)) as pool:
        try:
            # The first group alone: what its process compiles, the others find; and memory is eaten by one at a time.
            yield from pool.map(read, starts[:1])
            yield from pool.map(read, starts[1:])
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for decoder in isolated:  # the end of a process is the end of a thread's waiting for it
                decoder.close()
