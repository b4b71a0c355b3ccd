"""Read data whose text is known with a recogniser, and score what was read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from htrkit.evaluation.figures.evaluation import Evaluation, Reading, Speed
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.evaluation.figures.score import score, unread
from htrkit.stream import LINES_AT_ONCE
from htrkit.types import Failed, Sample

if TYPE_CHECKING:
    from htrkit.recognizer import Recognizer


def evaluate(
    recognizer: Recognizer,
    samples: Iterable[Sample],
    *,
    rules: TextRules = AS_WRITTEN,
    resampling: Resampling | None = None,
    progress: Callable[[int], None] = lambda count: None,
    failed: Callable[[Failed], None] = lambda line: None,
) -> Evaluation:
    """Read samples and compare with their texts.

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
        Called with the number of lines that have been read since the last call.
    failed
        Called with each line that could not be read; it counts as one on which nothing was read.

    Raises
    ------
    InputError
        If there is nothing to measure.
    UsageError
        If ``resampling.by`` is a group that not every line has.
    """
    readings: list[Reading] = []
    failures: list[Failed] = []
    encoding = decoding = 0.0
    waiting = iter(samples)
    while chunk := list(islice(waiting, LINES_AT_ONCE)):
        start = time.perf_counter()
        outputs = list(recognizer.encode(sample.line for sample in chunk))
        encoded = time.perf_counter()
        found = list(recognizer.decode(outputs))
        encoding += encoded - start
        decoding += time.perf_counter() - encoded
        for sample, one in zip(chunk, found, strict=True):
            if isinstance(one, Failed):
                failures.append(one)
                failed(one)
            text, confidence = ("", 0.0) if isinstance(one, Failed) else (one.text, one.confidence)
            readings.append(Reading(sample.line.id, sample.text, text, confidence, sample.groups))
        progress(len(chunk))
    speeds = {"encoder": Speed(len(readings), encoding), "decoder": Speed(len(readings), decoding)}
    result = score(readings, rules=rules, resampling=resampling, **speeds)
    return replace(result, notes=(*unread(failures), *result.notes))
