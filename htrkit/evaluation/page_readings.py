"""Pages whose lines are known are cut and read anew, and measured: the whole way from a scan to its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from htrkit.evaluation.figures.page_figures import PageFigures, TextLine, page_figures
from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.jobs import ignore, read_files
from htrkit.pages.sources import Sources
from htrkit.recognizer import Recognizer
from htrkit.spec import Spec
from htrkit.types import Failed, Page, Result
from htrkit.writing import by_page


def evaluate_pages(
    recognizer: Recognizer,
    files: Sequence[str],
    segmenter: Spec,
    *,
    sources: Sources | None = None,
    rules: TextRules = AS_WRITTEN,
    progress: Callable[[int, int], None] = ignore,
    failed: Callable[[Failed], None] = lambda _: None,
) -> dict[str, PageFigures]:
    """The figures of each page, by its id, in the order of the files.

    Parameters
    ----------
    recognizer
        Reads the lines.
    files
        PAGE or ALTO files beside their images; pages without known lines are left out.
    segmenter
        Finds the lines, instead of those that are known.
    sources
        Read the files; by default the installed ones.
    rules
        What counts as a difference between texts.
    progress
        As of `htrkit.jobs.Job`.
    failed
        Told what could not be read.
    """
    known: dict[str, list[TextLine]] = {}

    def wanted(page: Page) -> bool:
        lines = [(place, text or "") for place, text in page.lines if place]
        if lines:
            known[page.id] = lines
        return bool(lines)

    job = read_files(
        recognizer, files, sources=sources, segmenter=segmenter, words=False, wanted=wanted, progress=progress
    )

    def told() -> Iterator[Page | Result | Failed]:
        for one in job:
            if isinstance(one, Failed):
                failed(one)
            yield one

    figures = {}
    for page, results in by_page(told()):
        texts = {result.place.order: result.text for result in results if result.place}
        output = [(place, texts.get(place.order, "")) for place, _ in page.lines if place]
        figures[page.id] = page_figures(known.pop(page.id), output, rules)
    return figures
