"""What is asked of a decoder, what it answers, and whether the answer is hypotheses at all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from htrkit.decoding import ask
from htrkit.types import Decoder, Hypothesis, LogProbs


@dataclass(frozen=True, slots=True)
class Make:
    """Make a decoder; the answer is None."""

    name: str
    alphabet: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decode:
    """Decode lines with the decoder made last; the answer is a `Decoded`."""

    log_probs: Sequence[LogProbs]
    n_best: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoder gave.

    Attributes
    ----------
    lines
        Hypotheses of each line, best first, without their spans.
    seconds
        That the decoder took for all of them; what it waited for a core of a busy machine is left out, where the
        system tells.
    """

    lines: tuple[tuple[Hypothesis, ...], ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer when something was raised: the sentence for the user."""

    reason: str


def decode(decoder: Decoder, request: Decode) -> Decoded:
    """Decode lines on one thread, and check that the result is hypotheses.

    Raises
    ------
    PluginError
        If it is not.
    """
    start, waited = time.perf_counter(), _waited_for_a_core()
    found = ask(decoder, request.log_probs, n_best=request.n_best)
    elapsed = time.perf_counter() - start
    seconds = max(elapsed - (_waited_for_a_core() - waited), 0.0)
    return Decoded(tuple(tuple(map(_plain, answer)) for answer in found), seconds)


def _waited_for_a_core() -> float:
    """Seconds that this thread was ready to run and did not; 0 where the system does not tell (Linux does)."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _plain(one: Hypothesis) -> Hypothesis:
    """The hypothesis in Python's own types, which any process can unpickle; spans are not needed."""
    log_prob, confidence = (None if value is None else float(value) for value in (one.log_prob, one.confidence))
    return Hypothesis(str(one.text), float(one.score), log_prob, confidence=confidence)
