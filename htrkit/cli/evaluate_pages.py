"""What ``htrkit evaluate PAGES --segmenter NAME`` does: the whole way from scans to text, measured and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from htrkit.cli import terminal
from htrkit.cli.bars import bar
from htrkit.errors import InputError

if TYPE_CHECKING:
    from htrkit.evaluation.figures.page_figures import PageFigures
    from htrkit.evaluation.figures.rules import TextRules
    from htrkit.recognizer import Recognizer
    from htrkit.types import Failed


def evaluate_pages(
    recognizer: Recognizer, data: Sequence[Path], segmenter: str, rules: TextRules, worst: int, *, as_json: bool
) -> None:
    """Measure, and print what came of it; the exit code is 1 if anything failed.

    Raises
    ------
    InputError
        If no page has lines whose places are known.
    """
    from htrkit.evaluation.figures.page_figures import total
    from htrkit.evaluation.page_readings import evaluate_pages as measure
    from htrkit.pages.sources import Sources
    from htrkit.spec import Spec

    finder = Spec.parse("segmenter", segmenter).checked()
    sources, failures = Sources(), []
    files = sources.files(list(map(str, data)))

    def failed(one: Failed) -> None:
        failures.append(one)
        terminal.failed(str(one), one.error, alone=False)

    with bar("reading", len(files)) as progress:
        figures = measure(recognizer, files, finder, sources=sources, rules=rules, progress=progress.at, failed=failed)
    if not figures:
        raise InputError(f"no page with known lines in {', '.join(map(str, data))}: PAGE or ALTO files are wanted")
    all_pages = total(figures.values())
    if as_json:
        terminal.put_json(_json(all_pages, figures) | {"model": recognizer.model.name, "segmenter": str(finder)})
    else:
        terminal.put(_report(all_pages, figures, worst))
    if failures:
        raise typer.Exit(1)


def _json(all_pages: PageFigures, figures: Mapping[str, PageFigures]) -> dict[str, object]:
    def of(one: PageFigures) -> dict[str, float]:
        return asdict(one) | {"order": one.order, "cer": one.cer, "page_cer": one.page_cer}

    return of(all_pages) | {"by_page": {page: of(one) for page, one in figures.items()}}


def _report(all_pages: PageFigures, figures: Mapping[str, PageFigures], worst: int) -> str:
    lines = max(1, all_pages.lines)
    rows = [
        ("lines found", f"{all_pages.found / lines:.2%}", f"{all_pages.found} of {all_pages.lines} lines"),
        ("by one line", f"{all_pages.one / lines:.2%}", f"{all_pages.one} of {all_pages.lines} lines"),
        ("merged", str(all_pages.merged), f"of {all_pages.output} lines that were found"),
        ("on no line", str(all_pages.false), f"of {all_pages.output} lines that were found"),
        ("order", f"{all_pages.order:.3f}", f"Kendall's tau, {all_pages.pairs} pairs of lines"),
        ("CER", f"{all_pages.cer:.2%}", f"{all_pages.errors} in {all_pages.characters} characters, line by line"),
        ("CER of pages", f"{all_pages.page_cer:.2%}", "the same with the lines in their order"),
    ]
    parts = [terminal.table((f"{all_pages.pages} pages", "value", "counted"), rows)]
    if worst and len(figures) > 1:
        ranked = sorted(figures.items(), key=lambda item: item[1].found / max(1, item[1].lines))[:worst]
        listed = [(f"{one.found} of {one.lines}", f"{one.order:.2f}", f"{one.cer:.2%}", page) for page, one in ranked]
        parts.append(terminal.table(("lines found", "order", "CER", "the worst pages"), listed))
    return "\n\n".join(parts)
