"""Lines that a decoder decoded one after the other: what it read and how long it took, also as JSON."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from htrkit.contracts import Decoder
from htrkit.decoding import decode_lines
from htrkit.processes import waited_for_a_core, what_failed
from htrkit.types import Encoded, Failed, Hypothesis, LogProbs


@dataclass(frozen=True, slots=True)
class Group:
    """Lines with what was read on them.

    Attributes
    ----------
    lines
        Hypotheses of each line, best first, without their spans; or, for a line on which the decoder failed, why.
    timed
        How many of them ``seconds`` are for: all, or none where one failed.
    seconds
        That the decoder took; what it waited for a core of a busy machine is left out, where the system tells.
    """

    lines: tuple[tuple[Hypothesis, ...] | str, ...]
    timed: int = 0
    seconds: float = 0.0

    @property
    def failures(self) -> list[str]:
        """Why the lines failed that did."""
        return [line for line in self.lines if isinstance(line, str)]

    def to_json(self) -> dict[str, Any]:
        """Plain values with every digit."""
        lines = [
            line if isinstance(line, str) else [[one.text, one.score, one.log_prob, one.confidence] for one in line]
            for line in self.lines
        ]
        return {"lines": lines, "timed": self.timed, "seconds": self.seconds}

    @classmethod
    def from_json(cls, values: Any) -> Group:
        """The group that `to_json` made these values of. Raises ValueError, TypeError or KeyError if it did not."""
        lines = tuple(line if isinstance(line, str) else tuple(map(_hypothesis, line)) for line in values["lines"])
        timed, seconds = int(values["timed"]), float(values["seconds"])
        if not (0 <= timed <= len(lines) and 0 <= seconds < math.inf and all(lines)):
            raise ValueError(f"{len(lines)} lines, {timed} of them timed, {seconds} s")
        return cls(lines, timed, seconds)


def decode_group(decoder: Decoder, log_probs: Sequence[LogProbs], *, n_best: int) -> Group:
    """Decode lines on one thread; what fails costs its line."""
    encoded = [Encoded("", one) for one in log_probs]
    start, waited = time.perf_counter(), waited_for_a_core()
    found = list(decode_lines(decoder, "", encoded, n_best=n_best, threads=1))
    elapsed = time.perf_counter() - start
    seconds = max(elapsed - (waited_for_a_core() - waited), 0.0)
    lines = tuple(
        what_failed(one.error) if isinstance(one, Failed) else tuple(map(_plain, one.hypotheses)) for one in found
    )
    return Group(lines) if any(isinstance(one, Failed) for one in found) else Group(lines, len(lines), seconds)


def _plain(one: Hypothesis) -> Hypothesis:
    """The hypothesis in Python's own types."""
    log_prob, confidence = (None if value is None else float(value) for value in (one.log_prob, one.confidence))
    return Hypothesis(str(one.text), float(one.score), log_prob, confidence=confidence)


def _hypothesis(values: Any) -> Hypothesis:
    text, score, log_prob, confidence = values
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text")
    return _plain(Hypothesis(text, score, log_prob, confidence=confidence))
