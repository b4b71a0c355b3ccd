"""One decoder over all network outputs: grouped, timed, limited in time, and resumable."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass
from queue import SimpleQueue
from statistics import median

from htrkit.alphabet import Alphabet
from htrkit.evaluation.contenders import Contender
from htrkit.evaluation.decoding import Decode, Decoded, decode
from htrkit.evaluation.isolation import DecoderError, IsolatedDecoder
from htrkit.evaluation.journal import Group, Journal
from htrkit.evaluation.watch import Asked, Failures, Limits, Watch
from htrkit.quoting import reason
from htrkit.types import Decoder, Hypothesis, LogProbs

GROUP = 16
"""Lines given at once to a decoder that takes batches; also what times are averaged over."""
GROUPS_WORTH_A_PROCESS = 4
"""Starting one takes about a second."""


@dataclass(frozen=True, slots=True)
class AllDecoded:
    """What one decoder read.

    Attributes
    ----------
    groups
        In the order of the data.
    """

    groups: tuple[Group, ...]

    @property
    def lines(self) -> list[tuple[Hypothesis, ...] | str]:
        """Hypotheses of each line, or why there are none."""
        return [line for group in self.groups for line in group.lines]

    @property
    def seconds_per_line(self) -> float | None:
        """The median over the second half of the groups: loading and compiling do not count; None if none was timed."""
        times = [group.seconds / group.timed for group in self.groups if group.timed]
        return median(times[len(times) // 2 :]) if times else None


@dataclass(frozen=True, slots=True)
class _InProcess:
    decoder: Decoder

    def decode(self, log_probs: Sequence[LogProbs], n_best: int, limit: float) -> Decoded:
        try:
            return decode(self.decoder, Decode(log_probs, n_best))
        except Exception as error:  # a stranger's decoder may raise anything
            raise DecoderError(reason(error)) from error


def decode_all(
    contender: Contender,
    alphabet: Alphabet,
    outputs: Sequence[LogProbs],
    *,
    n_best: int = 1,
    limits: Limits | None = None,
    journal: Journal | None = None,
    processes: int = 1,
    progress: Callable[[int], None] = lambda count: None,
) -> AllDecoded:
    """Decode every line, going on after a line on which the decoder fails.

    Parameters
    ----------
    contender
        The decoder; one given by name runs in a process of its own.
    outputs
        ``log_probs`` of each line.
    journal
        What an earlier run has decoded is taken from there, what this one decodes is added.
    processes
        How many of them decode at once, each on one thread; a decoder object always decodes alone.
    progress
        Called with the number of lines done since the last call.

    Raises
    ------
    DecoderError
        If the decoder cannot be made, or fails on more lines than `ERRORS_TAKEN` or `TIMEOUTS_TAKEN` allow, or on
        every line.
    """
    limits = limits or Limits()
    done = [] if journal is None else list(journal.groups)
    failures = Failures()
    for group in done:
        failures.count(group)
    start = sum(len(group.lines) for group in done)
    progress(start)
    starts = range(start, len(outputs), GROUP)
    useful = max(1, min(processes, len(starts) // GROUPS_WORTH_A_PROCESS))
    several = 1 if contender.decoder is not None else useful
    with closing(_in_order(contender, alphabet, outputs, starts, several, n_best, limits, failures)) as groups:
        for group in groups:
            done.append(group)
            if journal is not None:
                journal.add(group)
            progress(len(group.lines))
    if outputs and failures.total == len(outputs):
        raise DecoderError(f"failed on every line: {failures.last}")
    return AllDecoded(tuple(done))


def _in_order(
    contender: Contender,
    alphabet: Alphabet,
    outputs: Sequence[LogProbs],
    starts: Iterable[int],
    processes: int,
    n_best: int,
    limits: Limits,
    failures: Failures,
) -> Generator[Group, None, None]:
    """Groups in the order of the data, however many processes decode them."""
    free: SimpleQueue[Watch] = SimpleQueue()
    with ThreadPoolExecutor(processes) as pool, ExitStack() as stack:
        for _ in range(processes):
            asked = stack.enter_context(_asked(contender, alphabet, limits))
            free.put(Watch(asked, n_best, limits, failures))
        waiting: deque[Future[Group]] = deque()
        # Leaving the block for whatever reason ends the processes first, and with them what the threads wait for.
        stack.callback(lambda: [future.cancel() for future in waiting])

        def decode_group(start: int) -> Group:
            watch = free.get()
            try:
                return watch.decode(outputs[start : start + GROUP])
            finally:
                free.put(watch)

        for start in starts:
            waiting.append(pool.submit(decode_group, start))
            if len(waiting) > processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _asked(contender: Contender, alphabet: Alphabet, limits: Limits) -> AbstractContextManager[Asked]:
    if contender.decoder is not None:
        return nullcontext(_InProcess(contender.decoder))
    return IsolatedDecoder(contender, alphabet, start_limit=limits.start)
