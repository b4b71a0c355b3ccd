"""One decoder over all network outputs: grouped, timed, limited in time, and resumable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from htrkit.alphabet import Alphabet
from htrkit.evaluation.contenders import Contender
from htrkit.evaluation.decoding import Decode, Decoded, decode
from htrkit.evaluation.isolation import DecoderError, DecoderTimeoutError, IsolatedDecoder, NoDecoderError
from htrkit.evaluation.journal import Group, Journal
from htrkit.host import reason
from htrkit.types import Decoder, Hypothesis, LogProbs

GROUP = 16
"""Lines given at once to a decoder that takes batches; also what times are averaged over."""
ERRORS_TAKEN, TIMEOUTS_TAKEN = 10, 3
"""How often a decoder may raise or crash, and hang, before it is left out."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a decoder may take.

    Parameters
    ----------
    line
        Seconds for a line.
    start
        Seconds for loading it, and again for what it does once on its first lines, such as compiling.
    """

    line: float = 10.0
    start: float = 60.0


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


class _Asked(Protocol):
    def decode(self, log_probs: Sequence[LogProbs], n_best: int, limit: float) -> Decoded: ...


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
    start = sum(len(group.lines) for group in done)
    progress(start)
    with _asked(contender, alphabet, limits) as asked:
        watch = _Watch(asked, n_best, limits, grace=limits.start)
        for group in done:
            watch.count(group)
        while start < len(outputs):
            group = watch.decode(outputs[start : start + GROUP], start)
            done.append(group)
            if journal is not None:
                journal.add(group)
            start += len(group.lines)
            progress(len(group.lines))
    if outputs and watch.errors + watch.timeouts == len(outputs):
        raise DecoderError(f"failed on every line: {watch.last}")
    return AllDecoded(tuple(done))


def _asked(contender: Contender, alphabet: Alphabet, limits: Limits) -> AbstractContextManager[_Asked]:
    if contender.decoder is not None:
        return nullcontext(_InProcess(contender.decoder))
    return IsolatedDecoder(contender, alphabet, start_limit=limits.start)


class _Watch:
    """Decodes group by group, line by line where a group fails, and gives up on a decoder that keeps failing."""

    def __init__(self, asked: _Asked, n_best: int, limits: Limits, *, grace: float) -> None:
        self.asked, self.n_best, self.limits, self.grace = asked, n_best, limits, grace
        self.errors = self.timeouts = 0
        self.last = ""
        self.singly = False

    def count(self, group: Group) -> None:
        """Take note of the failures in a group that an earlier run decoded."""
        for line in group.lines:
            if isinstance(line, str):
                self.errors += 1
                self.last = line

    def decode(self, outputs: Sequence[LogProbs], first: int) -> Group:
        """Decode a group; ``first`` is the number of its first line."""
        if not self.singly:
            try:
                decoded = self._ask(outputs)
                return Group(decoded.lines, len(outputs), decoded.seconds)
            except NoDecoderError:
                raise
            except DecoderTimeoutError:
                # perhaps just slow: the limit is for a line
                self.singly = True
            except DecoderError:
                pass
        lines: list[tuple[Hypothesis, ...] | str] = []
        timed, seconds = 0, 0.0
        for number, output in enumerate(outputs, start=first):
            try:
                decoded = self._ask([output])
            except NoDecoderError:
                raise
            except DecoderError as error:
                lines.append(str(error))
                self._failed(error, number)
            else:
                lines.extend(decoded.lines)
                timed += 1
                seconds += decoded.seconds
        return Group(tuple(lines), timed, seconds)

    def _ask(self, outputs: Sequence[LogProbs]) -> Decoded:
        limit = self.limits.line + self.grace
        try:
            decoded = self.asked.decode(outputs, self.n_best, limit)
        except DecoderTimeoutError:
            self.grace = 0.0
            raise
        self.grace = 0.0
        return decoded

    def _failed(self, error: DecoderError, number: int) -> None:
        self.last = str(error)
        if isinstance(error, DecoderTimeoutError):
            self.timeouts += 1
        else:
            self.errors += 1
        if self.errors > ERRORS_TAKEN or self.timeouts > TIMEOUTS_TAKEN:
            failed = self.errors + self.timeouts
            raise DecoderError(f"failed on {failed} of the first {number + 1} lines: {self.last}") from error
