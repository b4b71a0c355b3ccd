"""Patience with a decoder that fails: on a line, now and then, or always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from htrkit.evaluation.decoding import Decoded
from htrkit.evaluation.isolation import DecoderError, DecoderTimeoutError, NoDecoderError
from htrkit.evaluation.journal import Group
from htrkit.types import Hypothesis, LogProbs

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

    line: float = 20.0
    start: float = 60.0


class Asked(Protocol):
    """A decoder wherever it runs."""

    def decode(self, log_probs: Sequence[LogProbs], n_best: int, limit: float) -> Decoded:
        """Decode lines within ``limit`` seconds for all of them, or raise a `DecoderError`."""
        ...


class Failures:
    """The failures of one decoder, in however many processes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._errors = self._timeouts = 0
        self.last = ""

    @property
    def total(self) -> int:
        """Lines on which it failed."""
        return self._errors + self._timeouts

    def count(self, group: Group) -> None:
        """Take note of the failures in a group that an earlier run decoded."""
        for line in group.lines:
            if isinstance(line, str):
                self._errors += 1
                self.last = line

    def add(self, error: DecoderError) -> None:
        """Take note of a failure.

        Raises
        ------
        DecoderError
            If there have been too many.
        """
        with self._lock:
            self.last = str(error)
            if isinstance(error, DecoderTimeoutError):
                self._timeouts += 1
            else:
                self._errors += 1
            if self._errors > ERRORS_TAKEN or self._timeouts > TIMEOUTS_TAKEN:
                raise DecoderError(f"given up after {self.total} lines on which it failed: {self.last}") from error


class Watch:
    """Decodes group by group, and line by line where a group fails.

    Parameters
    ----------
    asked
        The decoder.
    n_best, limits
        What is asked of it.
    failures
        Where its failures are counted.
    """

    def __init__(self, asked: Asked, n_best: int, limits: Limits, failures: Failures) -> None:
        self._asked, self._n_best, self._limits, self._failures = asked, n_best, limits, failures
        self._grace = limits.start
        self._singly = False

    def decode(self, outputs: Sequence[LogProbs]) -> Group:
        """Decode a group of lines.

        Raises
        ------
        NoDecoderError
            If the decoder cannot be made.
        DecoderError
            If it has failed too often.
        """
        if not self._singly:
            try:
                decoded = self._ask(outputs)
                return Group(decoded.lines, len(outputs), decoded.seconds)
            except NoDecoderError:
                raise
            except DecoderTimeoutError:
                # perhaps just slow: the limit is for a line
                self._singly = True
            except DecoderError:
                pass
        lines: list[tuple[Hypothesis, ...] | str] = []
        timed, seconds = 0, 0.0
        for output in outputs:
            try:
                decoded = self._ask([output])
            except NoDecoderError:
                raise
            except DecoderError as error:
                lines.append(str(error))
                self._failures.add(error)
            else:
                lines.extend(decoded.lines)
                timed += 1
                seconds += decoded.seconds
        return Group(tuple(lines), timed, seconds)

    def _ask(self, outputs: Sequence[LogProbs]) -> Decoded:
        """Ask within the limit for a line, and until something has come of it, for what is done once, too."""
        try:
            decoded = self._asked.decode(outputs, self._n_best, self._limits.line + self._grace)
        except DecoderTimeoutError:
            self._grace = 0.0
            raise
        self._grace = 0.0
        return decoded
