"""Read data whose text is known with a recogniser, and score what was read."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from htrkit.evaluation.figures.evaluation import Evaluation, Reading, Speed
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.evaluation.figures.score import score, unread
from htrkit.jobs import read_samples
from htrkit.progress import SILENCE, Progress
from htrkit.types import Encoded, Failed, Line, Result, Sample

if TYPE_CHECKING:
    from htrkit.recognizer import Recognizer

Item = TypeVar("Item")


def evaluate(
    recognizer: Recognizer,
    samples: Iterable[Sample],
    *,
    rules: TextRules = AS_WRITTEN,
    resampling: Resampling | None = None,
    progress: Progress = SILENCE,
) -> Evaluation:
    """Read samples and compare with their texts; a line that cannot be read counts as one on which nothing was read.

    Parameters
    ----------
    recognizer
        Model, preprocessing and decoder.
    samples
        As `htrkit.readers.open_samples` gives them; read once.
    rules
        What counts as a difference.
    resampling
        How intervals are drawn.
    progress
        Told of the lines.

    Raises
    ------
    InputError
        If there is nothing to measure.
    UsageError
        If ``resampling.by`` is a group that not every line has.
    """
    readings: list[Reading] = []
    failures: list[Failed] = []
    seconds = dict.fromkeys(("reader", "encoder", "decoder"), 0.0)

    def timed(stage: str, items: Iterable[Item]) -> Iterator[Item]:
        """The items of a stage, whose seconds are counted, with those of the stages before it."""
        waiting, end = iter(items), object()
        while True:
            start = time.perf_counter()
            item = next(waiting, end)
            seconds[stage] += time.perf_counter() - start
            if item is end:
                return
            yield item  # type: ignore[misc]  # it is no end

    def read(lines: Iterator[Line]) -> Iterator[Result | Failed]:
        waiting = deque[Encoded | Failed]()
        encoded = _noted(timed("encoder", recognizer.encode(timed("reader", lines))), waiting)
        found = timed("decoder", recognizer.decode(encoded, words=False))
        return _weighed(recognizer, found, waiting)

    progress.begin("reading")
    for sample, one in read_samples(samples, read, progress):
        if isinstance(one, Failed):
            failures.append(one)
        text, confidence = ("", 0.0) if isinstance(one, Failed) else (one.text, one.confidence)
        words = () if isinstance(one, Failed) else one.hypotheses[0].words
        sure = tuple((word.text, word.confidence) for word in words if word.confidence is not None)
        readings.append(Reading(sample.line.id, sample.text, text, confidence, sample.groups, sure))
    encoder = Speed(len(readings), seconds["encoder"] - seconds["reader"])
    decoder = Speed(len(readings), seconds["decoder"] - seconds["encoder"])
    result = score(readings, rules=rules, resampling=resampling, encoder=encoder, decoder=decoder)
    return replace(result, notes=(*unread(failures), *result.notes))


def _noted(items: Iterable[Item], waiting: deque[Item]) -> Iterator[Item]:
    for item in items:
        waiting.append(item)
        yield item


def _weighed(
    recognizer: Recognizer, found: Iterable[Result | Failed], waiting: deque[Encoded | Failed]
) -> Iterator[Result | Failed]:
    """Results with their words, whose outputs, or what failed before, are ``waiting``, one for each."""
    weigh = recognizer.weigher()
    for one in found:
        line = waiting.popleft()
        if isinstance(one, Result) and isinstance(line, Encoded):
            (hypotheses,) = weigh([line], [one.hypotheses])
            one = replace(one, hypotheses=hypotheses)
        yield one
