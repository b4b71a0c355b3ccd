"""Read data whose text is known with a recogniser, and score what was read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from htrkit.decoding import ask
from htrkit.evaluation.figures import Evaluation, Reading, Speed, score
from htrkit.evaluation.intervals import Resampling
from htrkit.evaluation.rules import AS_WRITTEN, TextRules
from htrkit.types import Sample

if TYPE_CHECKING:
    from htrkit.recognizer import Recognizer


def evaluate(
    recognizer: Recognizer,
    samples: Iterable[Sample],
    *,
    rules: TextRules = AS_WRITTEN,
    resampling: Resampling | None = None,
    progress: Callable[[int], None] = lambda count: None,
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
        How intervals are drawn; by default from single lines.
    progress
        Called with the number of lines that have been read since the last call.

    Raises
    ------
    InputError
        If there is nothing to measure.
    UsageError
        If ``resampling.by`` is a group that not every line has.
    """
    from htrkit.decoding import LINES_AT_ONCE

    readings: list[Reading] = []
    encoding = decoding = 0.0
    waiting = iter(samples)
    while chunk := list(islice(waiting, LINES_AT_ONCE)):
        start = time.perf_counter()
        log_probs = [output for _, output in recognizer.log_probs(sample.line for sample in chunk)]
        encoded = time.perf_counter()
        decoded = ask(recognizer.decoder, log_probs, threads=recognizer.threads)
        encoding += encoded - start
        decoding += time.perf_counter() - encoded
        for sample, hypotheses in zip(chunk, decoded, strict=True):
            best = hypotheses[0]
            readings.append(Reading(sample.line.id, sample.text, best.text, best.confidence, sample.groups))
        progress(len(chunk))
    speeds = {"encoder": Speed(len(readings), encoding), "decoder": Speed(len(readings), decoding)}
    return score(readings, rules=rules, resampling=resampling, **speeds)
