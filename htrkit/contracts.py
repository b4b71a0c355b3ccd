"""What components must do: a protocol for each kind that works on lines, pages or results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from htrkit.types import Failed, Hypothesis, Line, LogProbs, Page, Result


class Source(Protocol):
    """Pages from one kind of file.

    A source of files that describe images also has ``picture(path: Path, /) -> Path | None``: the image that a file is
    read with, and which is not read by itself then. One of files with many pages also has
    ``pages_from(path: Path, number: int, /) -> Iterator[Page | Failed]``: as ``pages``, from the page of a number on,
    without drawing those before it; there may be none.
    """

    def accepts(self, path: Path, /) -> bool:
        """Whether the file looks like this source's; a glance, no decoding; must not raise."""

    def pages(self, path: Path, /) -> Iterator[Page | Failed]:
        """The pages of a file, one at a time; one that cannot be read, with others behind it, may come as `Failed`.

        Raises
        ------
        InputError
            If the file, or its next page, cannot be read.
        """


class Segmenter(Protocol):
    """Finds the lines on a page. Several threads may ask at once, each for another page."""

    def segment(self, page: Page, /) -> Page:
        """The page with regions and lines, in reading order."""


class Preprocessor(Protocol):
    """A named step that cleans a line before the network sees it. Several threads may call it at once."""

    def __call__(self, line: Line, /) -> Line:
        """The cleaned line, under the same id."""


class Encoder(Protocol):
    """A network: lines in, per-frame label probabilities out, in the order given.

    An encoder that knows where its frames stand also has ``frame_edges(line: Line, /) -> NDArray[np.float64] | None``:
    where each frame begins and the last one ends, (frames + 1,) rising x in the pixels of the line that it encodes.
    """

    def encode(self, lines: Sequence[Line], /) -> list[LogProbs]:
        """``log_probs`` of each line, (frames, labels), without padding frames."""


class Decoder(Protocol):
    """Turns one line's ``log_probs`` into at most ``n_best`` hypotheses, best first, distinct, at least one.

    A decoder that can do better than a loop also has
    ``decode_batch(log_probs: Sequence[LogProbs], *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]``.
    One that never gives more than one hypothesis has ``one_reading``, which is true, so that nobody asks it for others.
    """

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """The hypotheses of one line's (frames, labels)."""


class Writer(Protocol):
    """A format: turns results into text, one after the other, as they come.

    One that makes no use of the words of hypotheses has ``wants_words``, which is false: then they are not weighed.
    """

    def __call__(self, results: Iterable[Result], /) -> Iterator[str]:
        """Pieces of text that are written one after the other: whole lines, with their line ends."""


class PageWriter(Protocol):
    """A format of whole pages, which writes a file for each; what makes a writer one is its ``suffix``.

    A format in which many pages make one file also has
    ``book(pages: Iterable[tuple[Page, Sequence[Result]]], /) -> Iterator[str | bytes]``, which takes them as they come.

    Attributes
    ----------
    suffix
        Of the files, such as ``.xml``.
    """

    suffix: str

    def __call__(self, results: Iterable[Result], page: Page, /) -> Iterator[str | bytes]:
        """The file for a page, piece by piece, from the results of its lines."""
