"""What one evaluation is: readings of lines whose text is known, and every figure about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from htrkit.evaluation.figures.breakdown import Calibration, Slice
from htrkit.evaluation.figures.confusions import Confusions
from htrkit.evaluation.figures.frames import frame
from htrkit.evaluation.figures.intervals import Figure, Resampling
from htrkit.evaluation.figures.metrics import LineErrors
from htrkit.evaluation.figures.rules import TextRules

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on a line whose text is known.

    Attributes
    ----------
    id
        What the line is called.
    truth, text
        What stands there, and what was read.
    confidence
        0 to 1, or None if the decoder does not say.
    groups
        Such as ``{"writer": "000"}``.
    words
        What was read word by word, with the confidence of each; empty if nobody says.
    """

    id: str
    truth: str
    text: str
    confidence: float | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    words: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Speed:
    """How many lines a stage took how many seconds for, by the clock."""

    lines: int
    seconds: float

    @property
    def lines_per_second(self) -> float:
        """Lines a second; 0 if none was read."""
        return self.lines / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well lines were read.

    Attributes
    ----------
    n, characters, words
        Lines, and what stands on them.
    cer, wer
        Character and word error rate, micro-averaged, fractions.
    exact, exact_words
        Share of lines, and of words, read without any error.
    rules, resampling
        How texts were compared, and how the intervals were drawn.
    units
        How many lines or groups were resampled.
    confusions, by_length, by_confidence, calibration
        What kind of errors, and where; the last two are empty and None where the decoder gives no confidence.
    word_calibration
        The same of single words; None where these have none.
    readings, errors
        Every line with its errors, in the order of the data.
    notes
        What to keep in mind with these figures.
    encoder, decoder
        The speed of either stage, where it was measured.
    """

    n: int
    characters: int
    words: int
    cer: Figure
    wer: Figure
    exact: Figure
    exact_words: Figure
    rules: TextRules
    resampling: Resampling
    units: int
    confusions: Confusions
    by_length: tuple[Slice, ...]
    by_confidence: tuple[Slice, ...]
    calibration: Calibration | None
    word_calibration: Calibration | None
    readings: tuple[Reading, ...]
    errors: tuple[LineErrors, ...]
    notes: tuple[str, ...] = ()
    encoder: Speed | None = None
    decoder: Speed | None = None

    def worst(self, count: int) -> list[tuple[Reading, LineErrors]]:
        """The lines with the most character errors, the shorter of two first."""
        order = sorted(
            (i for i in range(self.n) if self.errors[i].character_errors),
            key=lambda i: (-self.errors[i].character_errors, self.errors[i].characters, i),
        )
        return [(self.readings[i], self.errors[i]) for i in order[:count]]

    def to_frame(self) -> pandas.DataFrame:
        """One row a line: id, truth, text, confidence, groups and error counts; needs pandas."""
        return frame(
            {
                "id": reading.id,
                "truth": reading.truth,
                "text": reading.text,
                "confidence": reading.confidence,
                **reading.groups,
                **errors._asdict(),
            }
            for reading, errors in zip(self.readings, self.errors, strict=True)
        )
