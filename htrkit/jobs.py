"""Many files or samples in, results and failures out, in order, as they come: for every command and service."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from htrkit import plugins
from htrkit.contracts import Segmenter
from htrkit.outputs import save_outputs
from htrkit.pages.cut import lines_of
from htrkit.pages.segmenters import PerImage, segmented
from htrkit.pages.sources import Sources
from htrkit.progress import SILENCE, Progress
from htrkit.recognizer import Recognizer
from htrkit.spec import Spec
from htrkit.threads import cpu_threads
from htrkit.types import Encoded, Failed, Line, Page, Result, Sample

Made = TypeVar("Made")
Other = TypeVar("Other")


def ignore(done: int, expected: int) -> None:
    """Progress that nobody wants to hear of."""


class LineFinder:
    """Finds the lines on pages, and cuts them out.

    Parameters
    ----------
    segmenter
        Finds the lines on every page; by default the first that htrkit itself brings, on what is a page rather than a
        line, and whose file does not say where the lines are.
    threads
        As of `htrkit.pages.segmenters.segmented`.
    """

    def __init__(self, segmenter: Spec | None = None, threads: int = 1) -> None:
        self._threads = threads
        self._name = segmenter.name if segmenter else plugins.default("segmenter")
        self._finder: Segmenter = segmenter.create() if segmenter else PerImage(self._name)
        self._keep = segmenter is None

    def __call__(self, pages: Iterable[Page | Other]) -> Iterator[Page | Line | Failed | Other]:
        """Each page, followed by its lines in reading order; what fails is `Failed`, what is no page is passed on."""
        return lines_of(segmented(self._finder, self._name, pages, keep=self._keep, threads=self._threads))


class Job:
    """What is being read; iterate it, once, for each page and after it its results, or `Failed` where there is none.

    Parameters
    ----------
    found
        The pages, results and failures, which come as they are asked for.
    expected
        How many lines there are, each page taken for one until it has come.
    several
        Whether there is more than one image, so that each result needs its name.
    progress
        Called with how many lines are done, and how many there are as far as is known.
    unit
        What is counted: lines that are read or, where none are, pages.

    Attributes
    ----------
    read, failed
        How many lines so far; a page or file that fails counts as one.
    left_out
        How many pages were not wanted so far.
    """

    def __init__(
        self,
        found: Iterable[Page | Result | Failed],
        expected: int,
        *,
        several: bool,
        progress: Callable[[int, int], None] = ignore,
        unit: type[Page | Result] = Result,
    ) -> None:
        self._found, self.expected, self.several, self._progress = found, expected, several, progress
        self._unit = unit
        self.read = self.failed = self.left_out = 0

    def __iter__(self) -> Iterator[Page | Result | Failed]:
        for one in self._found:
            self.read += isinstance(one, self._unit)
            self.failed += isinstance(one, Failed)
            if isinstance(one, Page):
                self._expect(one, len(one.lines) if self._unit is Result else 1)
            self._progress(self.read + self.failed, self.expected)
            yield one

    def leave_out(self, page: Page) -> None:
        """A page is not wanted, and will not come."""
        self.left_out += 1
        self._expect(page, 0)

    def _expect(self, page: Page, lines: int) -> None:
        """So many lines, where one was expected of the page's file."""
        self.expected += lines - (page.number == 1)


def read_files(
    recognizer: Recognizer,
    files: Sequence[str],
    *,
    sources: Sources | None = None,
    segmenter: Spec | None = None,
    n_best: int = 1,
    words: bool = True,
    outputs: Path | None = None,
    wanted: Callable[[Page], bool] | None = None,
    progress: Callable[[int, int], None] = ignore,
) -> Job:
    """Read the lines on files.

    Parameters
    ----------
    recognizer
        Reads the lines.
    files
        As `htrkit.pages.sources.find_files` gives them.
    sources
        Read the files; by default the installed ones.
    segmenter
        As of `LineFinder`.
    n_best
        Hypotheses for each line.
    words
        As of `Recognizer.decode`.
    outputs
        A file for the network's outputs, as `htrkit.outputs.save_outputs` writes it, when all is read.
    wanted
        Whether a page is to be read; by default all are.
    progress
        As of `Job`.
    """
    if outputs:
        recognizer.model.require_one_network("a file of outputs", "save those of each model by itself")
    find = LineFinder(segmenter, recognizer.threads)
    pages, several = _pages(files, sources, wanted, lambda page: job.leave_out(page))
    encoded: Iterator[Encoded | Page | Failed] = recognizer.encode(find(pages))
    kept: list[Encoded] = []
    if outputs:
        encoded = _kept(encoded, kept)
    found: Iterator[Result | Page | Failed] = recognizer.decode(encoded, n_best=n_best, words=words)
    if outputs:
        found = _saved(found, kept, recognizer, outputs)
    job = Job(found, len(files), several=several, progress=progress)
    return job


def segment_files(
    files: Sequence[str],
    *,
    sources: Sources | None = None,
    segmenter: Spec | None = None,
    wanted: Callable[[Page], bool] | None = None,
    threads: int = 0,
    progress: Callable[[int, int], None] = ignore,
) -> Job:
    """Find the lines on pages, without reading them: a job that gives pages and failures.

    Parameters
    ----------
    files, sources, wanted, progress
        As of `read_files`.
    segmenter
        Finds the lines on every page; by default the first that htrkit itself brings, on those whose files do not say
        where the lines are.
    threads
        CPU threads, 0 for one a core.
    """
    finder = segmenter or Spec("segmenter", plugins.default("segmenter"))
    pages, several = _pages(files, sources, wanted, lambda page: job.leave_out(page))
    found = segmented(finder.create(), finder.name, pages, keep=segmenter is None, threads=cpu_threads(threads))
    job = Job(found, len(files), several=several, progress=progress, unit=Page)
    return job


def _pages(
    files: Sequence[str],
    sources: Sources | None,
    wanted: Callable[[Page], bool] | None,
    leave_out: Callable[[Page], None],
) -> tuple[Iterator[Page | Failed], bool]:
    """The pages of files that are wanted, and whether there are several images."""
    pages = (sources or Sources()).pages(files)
    # of one file, a second page is looked for
    first = list(islice(pages, 2)) if len(files) == 1 else []
    found = chain(first, pages)
    return found if wanted is None else _chosen(found, wanted, leave_out), len(files) > 1 or len(first) > 1


def _chosen(
    pages: Iterable[Page | Other], wanted: Callable[[Page], bool], leave_out: Callable[[Page], None]
) -> Iterator[Page | Other]:
    for page in pages:
        if isinstance(page, Page) and not wanted(page):
            leave_out(page)
        else:
            yield page


def _kept(encoded: Iterable[Encoded | Other], kept: list[Encoded]) -> Iterator[Encoded | Other]:
    for one in encoded:
        if isinstance(one, Encoded):
            kept.append(one)
        yield one


def _saved(found: Iterable[Other], kept: Sequence[Encoded], recognizer: Recognizer, path: Path) -> Iterator[Other]:
    yield from found
    save_outputs(path, recognizer.model.alphabet, [one.id for one in kept], [one.log_probs for one in kept])


def read_samples(
    samples: Iterable[Sample],
    read: Callable[[Iterator[Line]], Iterable[Made | Failed]],
    progress: Progress = SILENCE,
) -> Iterator[tuple[Sample, Made | Failed]]:
    """Each of some samples, in order, with what was made of its line.

    Parameters
    ----------
    samples
        As `htrkit.readers.open_samples` gives them; taken one by one.
    read
        Makes one thing of each line, in order: `Recognizer.recognize`, say.
    progress
        Told of each line that is done, and of each that failed.
    """
    waiting: deque[Sample] = deque()

    def lines() -> Iterator[Line]:
        for sample in samples:
            waiting.append(sample)
            yield sample.line

    for made in read(lines()):
        if isinstance(made, Failed):
            progress.failed(made)
        progress.done()
        yield waiting.popleft(), made
