"""What is asked of a decoder, what it answers, and whether the answer is hypotheses at all."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from htrkit.errors import PluginError
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
    decode_batch = getattr(decoder, "decode_batch", None)
    start, waited = time.perf_counter(), _waited_for_a_core()
    if decode_batch is not None:
        found = decode_batch(list(request.log_probs), n_best=request.n_best, threads=1)
    else:
        found = [decoder.decode(line, n_best=request.n_best) for line in request.log_probs]
    elapsed = time.perf_counter() - start
    seconds = max(elapsed - (_waited_for_a_core() - waited), 0.0)
    if not isinstance(found, list | tuple) or len(found) != len(request.log_probs):
        raise PluginError(f"gave {_shown(found)} for {len(request.log_probs)} lines")
    return Decoded(tuple(_checked(line, request.n_best) for line in found), seconds)


def _waited_for_a_core() -> float:
    """Seconds that this thread was ready to run and did not; 0 where the system does not tell (Linux does)."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _checked(found: object, n_best: int) -> tuple[Hypothesis, ...]:
    if not isinstance(found, list | tuple) or not all(isinstance(one, Hypothesis) for one in found):
        raise PluginError(f"gave {_shown(found)} instead of a list of hypotheses")
    if not 1 <= len(found) <= n_best:
        raise PluginError(f"gave {len(found)} hypotheses where 1 to {n_best} were asked for")
    return tuple(_plain(one) for one in found)


def _plain(one: Hypothesis) -> Hypothesis:
    """The hypothesis in Python's own types, which any process can unpickle; spans are not needed."""
    numbers = [_number(value) for value in (one.score, one.log_prob, one.confidence)]
    if not isinstance(one.text, str) or numbers[0] is None or any(n is not None and math.isnan(n) for n in numbers):
        raise PluginError(f"gave {_shown(one)}, which is no text with a score")
    return Hypothesis(str(one.text), numbers[0], numbers[1], confidence=numbers[2])


def _number(value: Any) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _shown(value: object, limit: int = 80) -> str:
    try:
        text = repr(value)
    except Exception:  # a stranger's __repr__ may raise anything
        text = type(value).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"
