"""Network outputs decoded in their order, a few dozen at a time; what fails costs its line and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from htrkit.contracts import Decoder
from htrkit.errors import PluginError
from htrkit.hypothesis_words import unread
from htrkit.quoting import shown
from htrkit.stream import all_at_once, one_each, through
from htrkit.threads import cpu_threads
from htrkit.types import Encoded, Failed, Hypothesis, Result

Other = TypeVar("Other")
Answers = Sequence[tuple[Hypothesis, ...]]


def decode_lines(
    decoder: Decoder,
    name: str,
    encoded: Iterable[Encoded | Other],
    *,
    weigh: Callable[[Sequence[Encoded], Answers], Answers] | None = None,
    n_best: int = 1,
    threads: int = 0,
) -> Iterator[Result | Failed | Other]:
    """Decode lines; one on which the decoder raises, or gives no hypotheses, is `Failed`, the others are read.

    Parameters
    ----------
    decoder, name
        A decoder, and what the user calls it.
    encoded
        What is no network output, such as what failed before, is passed on in its place.
    weigh
        Such as a `htrkit.weighing.Weigher`: gives hypotheses their words.
    threads
        CPU threads, 0 for one a core.
    """
    threads = cpu_threads(threads)

    def read(lines: Sequence[Encoded]) -> list[Result]:
        answers: Answers = ask(decoder, lines, n_best=n_best, threads=threads)
        if weigh is None:
            return [Result(line.id, answer, line.place) for line, answer in zip(lines, answers, strict=True)]
        weighed = zip(lines, weigh(lines, answers), strict=True)
        return [Result(line.id, answer, line.place, unread(answer[0], line)) for line, answer in weighed]

    def decode(chunk: list[Encoded]) -> Iterable[Result | Failed]:
        takes_many = hasattr(decoder, "decode_batch") or hasattr(decoder, "decode_encoded")
        portions = [chunk] if takes_many else [[line] for line in chunk]
        return chain.from_iterable(all_at_once("decoder", name, portion, read) for portion in portions)

    return through(decode, Encoded, encoded)


def ask(
    decoder: Decoder, lines: Sequence[Encoded], *, n_best: int = 1, threads: int = 1
) -> list[tuple[Hypothesis, ...]]:
    """The hypotheses of each line from any decoder, in one batch if it takes batches, and checked.

    That of an ensemble has ``decode_encoded``, which is given the lines with what all networks gave for them.

    Raises PluginError if they are not what a decoder has to give. What the decoder raises itself is passed on.
    """
    log_probs = [line.log_probs for line in lines]
    decode_batch = getattr(decoder, "decode_batch", None)
    decode_encoded = getattr(decoder, "decode_encoded", None)
    found: Any
    if decode_encoded is not None:
        found = decode_encoded(lines, n_best=n_best, threads=threads)
    elif decode_batch is not None:
        found = decode_batch(log_probs, n_best=n_best, threads=threads)
    else:
        found = [decoder.decode(one, n_best=n_best) for one in log_probs]
    return [_checked(answer, n_best) for answer in one_each(found, len(lines))]


def _checked(answer: object, n_best: int) -> tuple[Hypothesis, ...]:
    if not isinstance(answer, list | tuple) or not all(isinstance(one, Hypothesis) for one in answer):
        raise PluginError(f"gave {shown(answer)} instead of a list of hypotheses")
    if not 1 <= len(answer) <= n_best:
        raise PluginError(f"gave {len(answer)} hypotheses where 1 to {n_best} were asked for")
    for one in answer:
        if not isinstance(one.text, str) or not _has_numbers(one):
            raise PluginError(f"gave {shown(one)}, which is no text with its scores")
    return tuple(answer)


def _has_numbers(one: Hypothesis) -> bool:
    """Whether scores and spans are numbers, of whatever library, and no score is NaN."""
    scores: tuple[Any, ...] = (one.score, *(value for value in (one.log_prob, one.confidence) if value is not None))
    try:
        spans_fit = all(0 <= int(start) <= int(stop) for start, stop in one.spans)
        return spans_fit and not any(isinstance(s, str | bytes) or math.isnan(float(s)) for s in scores)
    except Exception:  # what is no number may raise anything
        return False
