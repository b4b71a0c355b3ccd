"""The frozen dataclasses that pass between the stages; imports numpy alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from htrkit.geometry import IDENTITY, Affine, Outline, composed, mapped

LogProbs = NDArray[np.float32]
"""(frames, labels) natural-log probabilities: rows sum to one in probability, blank is label 0, no padding frames."""

Pixels = NDArray[np.uint8]
"""(height, width) grey values: dark ink on light paper."""


@dataclass(frozen=True, slots=True)
class Region:
    """A block of lines that belong together.

    Attributes
    ----------
    id
        Unique on its page.
    kind
        What it is: ``text``, ``margin`` …; empty if nobody said.
    polygon
        Its outline on the page.
    """

    id: str
    kind: str
    polygon: Outline


@dataclass(frozen=True, slots=True)
class Place:
    """Where on which page a line stands.

    Attributes
    ----------
    page, order
        The page's id, and where the line comes when the page is read, counted from 0.
    polygon, baseline
        On the page; the base line may be empty.
    region
        The id of the region that it belongs to; empty if to none.
    id
        What the page's file calls the line; empty if nothing calls it.
    """

    page: str
    order: int
    polygon: Outline
    baseline: Outline = ()
    region: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One text line, or one word image.

    Attributes
    ----------
    id
        What the caller knows it by: a path, or a path with a page or box number.
    pixels
        (height, width) uint8, grey, dark ink on light paper.
    place
        Where it stands; None if the image holds the line alone.
    to_page
        From a point of ``pixels`` to the page, or, of an image that holds the line alone, to the image as it was read.
    """

    id: str
    pixels: Pixels
    place: Place | None = None
    to_page: Affine = IDENTITY

    def moved(self, pixels: Pixels, to_old: Affine) -> Line:
        """The line with other pixels, whose points ``to_old`` takes to where they were in the pixels before."""
        return Line(self.id, pixels, self.place, composed(self.to_page, to_old))


@dataclass(frozen=True, slots=True)
class Page:
    """A picture with the lines of writing that were found on it.

    Attributes
    ----------
    id
        What the caller knows it by: a path, or a path with a page number.
    source
        The file that it came from.
    number
        Of the page in that file, from 1.
    pixels
        (height, width) uint8, grey, upright.
    regions
        In reading order.
    lines
        The place of each line, in reading order, None for all of the page; and its text where that is known.
    image, image_page
        The file with its picture, and the number of the picture in it; None and 0 if these are ``source``, ``number``.
    orientation
        The EXIF orientation that the picture was set upright by, 1 to 8.
    segmenter
        What found the lines; empty if the page's file says where they are.
    """

    id: str
    source: Path
    number: int
    pixels: Pixels
    regions: tuple[Region, ...] = ()
    lines: tuple[tuple[Place | None, str | None], ...] = ()
    image: Path | None = None
    image_page: int = 0
    orientation: int = 1
    segmenter: str = ""

    def moved(self, pixels: Pixels, to_new: Affine) -> Page:
        """The page with other pixels, in which ``to_new`` says where the points of its regions and lines are."""

        def place(old: Place) -> Place:
            return replace(old, polygon=mapped(to_new, old.polygon), baseline=mapped(to_new, old.baseline))

        regions = tuple(replace(region, polygon=mapped(to_new, region.polygon)) for region in self.regions)
        lines = tuple((old and place(old), text) for old, text in self.lines)
        return replace(self, pixels=pixels, regions=regions, lines=lines)


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the network gave for a line, (frames, labels), and the further networks of an ensemble, if it is one.

    Attributes
    ----------
    edges, ink
        (frames + 1, 2, 2): the upper and the lower end of each edge between frames, x and y on the page, or on the
        image that holds the line alone; and (frames,) how many pixels of ink the cleaned line has on each frame. None
        if the encoder does not say where its frames stand.
    """

    id: str
    log_probs: LogProbs
    place: Place | None = None
    edges: NDArray[np.float64] | None = None
    ink: NDArray[np.float64] | None = None
    others: tuple[Encoded, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A line whose text is known, for training and evaluation.

    ``groups`` are further columns of the table that it came from, for results by group: ``{"writer": "000"}``.
    """

    line: Line
    text: str
    groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else may stand in the place of a word: one or several words, and their probability, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a hypothesis: what stands between two white spaces.

    Attributes
    ----------
    outline
        Of its box, clockwise from the upper left corner, on the page, or on the image that holds the line alone; empty
        if nothing says where it stands.
    confidence
        How probable the word is, given its line and all that the decoder knows, 0 to 1; None if nothing says.
    span
        Half-open range of the frames of its characters; None if the hypothesis has no spans.
    alternatives, has_ink
        What else it may be, the most probable first; false if there is hardly any ink where it stands.
    """

    text: str
    outline: Outline = ()
    confidence: float | None = None
    span: tuple[int, int] | None = None
    alternatives: tuple[Alternative, ...] = ()
    has_ink: bool = True


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
        0 to 1. What decoders give is replaced by how probable the whole text is, where the recogniser weighs words.
    words
        Its words in order. Decoders leave them empty: the recogniser fills them in.
    """

    text: str
    score: float
    log_prob: float | None = None
    spans: tuple[tuple[int, int], ...] = ()
    confidence: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What was read on one line: hypotheses, best first, never empty.

    Attributes
    ----------
    place
        Where the line stands; None if its image holds it alone.
    unread
        The outlines of ink of which nothing was read, if words were weighed.
    """

    id: str
    hypotheses: tuple[Hypothesis, ...]
    place: Place | None = None
    unread: tuple[Outline, ...] = ()

    @property
    def text(self) -> str:
        """The best hypothesis' text."""
        return self.hypotheses[0].text

    @property
    def confidence(self) -> float | None:
        """The best hypothesis' confidence."""
        return self.hypotheses[0].confidence


@dataclass(frozen=True, slots=True)
class Failed:
    """What costs its line or page, and nothing else.

    Attributes
    ----------
    id
        Of the line, the page or the file.
    reason
        What went wrong, in one sentence that names the component or file at fault.
    error
        What was raised, for whoever wants the traceback.
    """

    id: str
    reason: str
    error: BaseException | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Run:
    """What a writer may say about where results come from.

    Attributes
    ----------
    model, decoder
        Their names.
    several
        Whether there is more than one image, so that each result needs its name.
    n_best
        How many hypotheses were asked for.
    when
        When the reading began, in UTC: ``2026-11-26T08:00:00Z``.
    """

    model: str
    decoder: str
    several: bool = True
    n_best: int = 1
    when: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
