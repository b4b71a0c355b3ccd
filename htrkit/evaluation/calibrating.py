"""The temperature with which the words of a model are as probable as they are right.

Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from htrkit.errors import InputError, ModelError
from htrkit.evaluation.figures.breakdown import Calibration, calibration
from htrkit.evaluation.figures.metrics import words_right
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.evidence import Evidence
from htrkit.jobs import read_samples
from htrkit.model import DESCRIPTION, Model, save_description
from htrkit.progress import SILENCE, Progress
from htrkit.stream import through
from htrkit.types import Encoded, Failed, Line, Result, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htrkit.recognizer import Recognizer

COLDEST, HOTTEST = 0.2, 5.0
STEPS = 24
"""Of the search, each of which leaves three fifths of the range: in the end, three digits."""
LEAST = 1e-6
"""A probability below this counts for this, so that one word cannot outweigh all the others."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A temperature that was found.

    Attributes
    ----------
    temperature
        That makes the words that were read most probable.
    words
        How many words it was found with.
    before, after
        The calibration of words with the temperature that the model has, and with this one.
    """

    temperature: float
    words: int
    before: Calibration
    after: Calibration


def calibrate(
    recognizer: Recognizer,
    samples: Iterable[Sample],
    *,
    rules: TextRules = AS_WRITTEN,
    progress: Progress = SILENCE,
) -> Fit:
    """Find the temperature of a model from data whose text is known, which it was not trained on.

    Parameters
    ----------
    recognizer
        The model, with the decoder that it is mostly read with.
    samples
        As `htrkit.readers.open_samples` gives them; read once.
    rules
        What counts as a difference.
    progress
        Told of the lines.

    Raises
    ------
    InputError
        If no word was read.
    """
    weigh = recognizer.weigher()

    def read(lines: Iterator[Line]) -> Iterator[list[Evidence] | Failed]:
        return through(evidence, Encoded, recognizer.encode(lines))

    def evidence(lines: list[Encoded]) -> Iterator[list[Evidence] | Failed]:
        found = list(recognizer.decode(lines, words=False))
        read = [(line, one) for line, one in zip(lines, found, strict=True) if isinstance(one, Result)]
        known = iter(weigh.evidence([line for line, _ in read], [one.hypotheses for _, one in read]))
        for one in found:
            yield [each for _, each in next(known)] if isinstance(one, Result) else one

    progress.begin("reading")
    words: list[Evidence] = []
    right: list[bool] = []
    for sample, one in read_samples(samples, read, progress):
        if not isinstance(one, Failed):
            words += one
            right += words_right(sample.text, [word.text for word in one], rules)
    if not words:
        raise InputError("nothing to calibrate with: no word was read")

    def sure(temperature: float) -> list[float]:
        return [min(1.0, word.shares(temperature)[word.text]) for word in words]

    temperature = round(math.exp(_lowest(lambda log: _surprise(sure(math.exp(log)), right))), 3)
    before = calibration(right, sure(recognizer.model.temperature))
    return Fit(temperature, len(words), before, calibration(right, sure(temperature)))


def _surprise(sure: Sequence[float], right: Sequence[bool]) -> float:
    """Mean -ln P of what is the case, which is lowest for honest probabilities."""
    likely = np.where(right, sure, 1.0 - np.array(sure))
    return float(-np.log(np.maximum(likely, LEAST)).mean())


def _lowest(value: Callable[[float], float]) -> float:
    """Where in the range of ln T a function is lowest, if it has one minimum, by golden sections."""
    low, high = math.log(COLDEST), math.log(HOTTEST)
    share = (math.sqrt(5) - 1) / 2
    for _ in range(STEPS):
        left, right = high - share * (high - low), low + share * (high - low)
        if value(left) < value(right):
            high = right
        else:
            low = left
    return (low + high) / 2


def save(fit: Fit, model: Model) -> Path:
    """Make the temperature the model's own; the folder of the model is returned.

    Raises ModelError if the model cannot be written to.
    """
    if not (model.folder / DESCRIPTION).is_file():
        raise ModelError(f"model {model.name} has no {DESCRIPTION} in which to keep a temperature")
    try:
        save_description(replace(model, temperature=fit.temperature))
    except OSError as error:
        raise ModelError(f"cannot write to {model.folder}: {error.strerror or error}; copy the model first") from error
    return model.folder
