"""The temperature with which the words of a model are as probable as they are right, and the exponent for its lines.

Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import InputError
from htrkit.evaluation.figures.breakdown import Calibration, calibration
from htrkit.evaluation.figures.metrics import line_errors, words_right
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.evidence import Evidence
from htrkit.jobs import read_samples
from htrkit.model import Model, amend
from htrkit.progress import SILENCE, Progress
from htrkit.stream import through
from htrkit.types import Encoded, Failed, Line, Result, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htrkit.recognizer import Recognizer

Floats = NDArray[np.float64]

COLDEST, HOTTEST = 0.2, 5.0
STEPS = 24
"""Of the search, each of which leaves three fifths of the range: in the end, three digits."""
LEAST = 1e-6
"""A probability below this counts for this, so that one word cannot outweigh all the others."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A temperature and an exponent that were found.

    Attributes
    ----------
    temperature, line_exponent
        As of a `htrkit.model.Model`: what makes the words and the lines that were read most probable.
    words, lines
        How many they were found with.
    before, after
        The calibration of words as the model has it, and with this temperature.
    lines_before, lines_after
        Of lines, likewise.
    """

    temperature: float
    line_exponent: float
    words: int
    lines: int
    before: Calibration
    after: Calibration
    lines_before: Calibration
    lines_after: Calibration


def calibrate(
    recognizer: Recognizer,
    samples: Iterable[Sample],
    *,
    rules: TextRules = AS_WRITTEN,
    progress: Progress = SILENCE,
) -> Fit:
    """Find what calibrates a model from data whose text is known, which it was not trained on.

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

    def read(lines: Iterator[Line]) -> Iterator[tuple[str, list[Evidence]] | Failed]:
        return through(evidence, Encoded, recognizer.encode(lines))

    def evidence(lines: list[Encoded]) -> Iterator[tuple[str, list[Evidence]] | Failed]:
        found = list(recognizer.decode(lines, words=False))
        read = [(line, one) for line, one in zip(lines, found, strict=True) if isinstance(one, Result)]
        known = iter(weigh.evidence([line for line, _ in read], [one.hypotheses for _, one in read]))
        for one in found:
            yield (one.text, [each for _, each in next(known)]) if isinstance(one, Result) else one

    progress.begin("reading")
    words: list[Evidence] = []
    starts: list[int] = []
    right: list[bool] = []
    exact: list[bool] = []
    for sample, one in read_samples(samples, read, progress):
        if not isinstance(one, Failed) and one[1]:
            text, of_line = one
            starts.append(len(words))
            words += of_line
            right += words_right(sample.text, [word.text for word in of_line], rules)
            exact.append(line_errors(sample.text, text, rules).exact == 1)
    if not words:
        raise InputError("nothing to calibrate with: no word was read")

    def sure(temperature: float) -> Floats:
        return np.array([min(1.0, word.shares(temperature)[word.text]) for word in words])

    def lines_sure(temperature: float, exponent: float) -> Floats:
        return np.multiply.reduceat(sure(temperature), starts) ** exponent

    model = recognizer.model
    temperature = _lowest(lambda tried: _surprise(sure(tried), right))
    of_lines = lines_sure(temperature, 1.0)
    exponent = _lowest(lambda tried: _surprise(of_lines**tried, exact))
    return Fit(
        temperature,
        exponent,
        len(words),
        len(exact),
        calibration(right, sure(model.temperature)),
        calibration(right, sure(temperature)),
        calibration(exact, lines_sure(model.temperature, model.line_exponent)),
        calibration(exact, of_lines**exponent),
    )


def _surprise(sure: Floats, right: Sequence[bool]) -> float:
    """Mean -ln P of what is the case, which is lowest for honest probabilities."""
    likely = np.where(right, sure, 1.0 - sure)
    return float(-np.log(np.maximum(likely, LEAST)).mean())


def _lowest(value: Callable[[float], float]) -> float:
    """Where in the range a function is lowest, if it has one minimum, by golden sections of the logarithm."""
    low, high = math.log(COLDEST), math.log(HOTTEST)
    share = (math.sqrt(5) - 1) / 2
    for _ in range(STEPS):
        left, right = high - share * (high - low), low + share * (high - low)
        if value(math.exp(left)) < value(math.exp(right)):
            high = right
        else:
            low = left
    return round(math.exp((low + high) / 2), 3)


def save(fit: Fit, model: Model) -> Path:
    """Make what was found the model's own; the folder of the model is returned.

    Raises ModelError if the model cannot be written to.
    """
    return amend(model, "its calibration", temperature=fit.temperature, line_exponent=fit.line_exponent)
