"""Read data whose text is known with a recogniser, and score what was read."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from htrkit.evaluation.figures.evaluation import Evaluation, Reading, Speed
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.evaluation.figures.score import score, unread
from htrkit.jobs import read_samples
from htrkit.progress import SILENCE, Progress
from htrkit.types import Failed, Line, Result, Sample

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
        encoded = timed("encoder", recognizer.encode(timed("reader", lines)))
        return timed("decoder", recognizer.decode(encoded, words=False))

    progress.begin("reading")
    for sample, one in read_samples(samples, read, progress):
        if isinstance(one, Failed):
            failures.append(one)
        text, confidence = ("", 0.0) if isinstance(one, Failed) else (one.text, one.confidence)
        readings.append(Reading(sample.line.id, sample.text, text, confidence, sample.groups))
    encoder = Speed(len(readings), seconds["encoder"] - seconds["reader"])
    decoder = Speed(len(readings), seconds["decoder"] - seconds["encoder"])
    result = score(readings, rules=rules, resampling=resampling, encoder=encoder, decoder=decoder)
    return replace(result, notes=(*unread(failures), *result.notes))
