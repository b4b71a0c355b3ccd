"""The frozen dataclasses and protocols that pass between the stages; imports numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

LogProbs = NDArray[np.float32]
"""(frames, labels) natural-log probabilities: rows sum to one in probability, blank is label 0, no padding frames."""

Pixels = NDArray[np.uint8]
"""(height, width) grey values: dark ink on light paper."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text line, or one word image.

    Attributes
    ----------
    id
        What the caller knows it by: a path, or a path with a page or box number.
    pixels
        (height, width) uint8, grey, dark ink on light paper.
    """

    id: str
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Sample:
    """A line whose text is known, for training and evaluation.

    Attributes
    ----------
    groups
        Further columns of the table it came from (``{"writer": "000"}``), for results by group.
    """

    line: Line
    text: str
    groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text that a decoder proposes, with its scores.

    Attributes
    ----------
    score
        What the decoder ranks by; comparable within one n-best list only.
    log_prob
        ln P(text | line), summed over all alignments; comparable between decoders.
    spans
        Half-open frame range of each character of ``text``.
    confidence
        0 to 1.
    """

    text: str
    score: float
    log_prob: float | None = None
    spans: tuple[tuple[int, int], ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was read on one line: hypotheses, best first, never empty."""

    id: str
    hypotheses: tuple[Hypothesis, ...]

    @property
    def text(self) -> str:
        """The best hypothesis' text."""
        return self.hypotheses[0].text

    @property
    def confidence(self) -> float | None:
        """The best hypothesis' confidence."""
        return self.hypotheses[0].confidence


class Preprocessor(Protocol):
    """A named step that cleans a line before the network sees it."""

    def __call__(self, line: Line, /) -> Line:
        """The cleaned line, under the same id."""
        ...


class Encoder(Protocol):
    """A network: lines in, per-frame label probabilities out, in the order given."""

    def encode(self, lines: Sequence[Line], /) -> list[LogProbs]:
        """``log_probs`` of each line, (frames, labels), without padding frames."""
        ...


class Decoder(Protocol):
    """Turns one line's ``log_probs`` into at most ``n_best`` hypotheses, best first, distinct, at least one.

    A decoder that can do better than a loop also has
    ``decode_batch(log_probs: Sequence[LogProbs], *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]``.
    """

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """The hypotheses of one line's (frames, labels)."""
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """What a writer may say about where results come from.

    Attributes
    ----------
    model, decoder
        Their names.
    several
        Whether more than one image was given, so that each result needs its id.
    n_best
        How many hypotheses were asked for.
    """

    model: str
    decoder: str
    several: bool = True
    n_best: int = 1


class Writer(Protocol):
    """Formats results for standard output: whole lines with their line ends, or an empty text."""

    def header(self) -> str:
        """What comes before the first result."""
        ...

    def format(self, result: Result, /) -> str:
        """One result."""
        ...
