"""Lines found on pages are measured against those that people drew."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict
from pathlib import Path

import pytest

from htrkit import plugins
from htrkit.evaluation.figures.page_figures import PageFigures, TextLine, page_figures, total
from htrkit.evaluation.figures.rules import TextRules
from htrkit.types import Place, Run
from tests.pages.sheets import outline


def line(left: float, top: float, right: float, bottom: float, text: str = "") -> TextLine:
    return Place("p", 0, outline(left, top, right, bottom)), text


TRUTH = [line(0, 100 * i, 600, 100 * i + 60, f"line {i}") for i in range(4)]


def test_the_truth_itself_has_no_fault() -> None:
    figures = page_figures(TRUTH, TRUTH)
    assert figures == PageFigures(1, 4, 4, 4, 4, 0, 0, 6, 6, 0, 24, 0, 27)
    assert (figures.order, figures.cer, figures.page_cer) == (1.0, 0.0, 0.0)


def test_nothing_found_is_all_wrong() -> None:
    figures = page_figures(TRUTH, [])
    assert figures == PageFigures(1, 4, 0, 0, 0, 0, 0, 0, 0, 24, 24, 27, 27)
    assert page_figures([], TRUTH).false == 4
    assert page_figures([], []) == PageFigures(pages=1)


def test_a_line_in_two_parts_is_found_but_not_by_one() -> None:
    parts = [line(0, 0, 290, 60, "li"), line(300, 0, 600, 60, "ne 0"), *TRUTH[1:]]
    figures = page_figures(TRUTH, parts)
    assert (figures.found, figures.one, figures.errors) == (4, 3, 1)  # a space that was not there


def test_a_line_over_two_finds_neither() -> None:
    merged = [line(0, 0, 600, 160, "line 0 line 1"), *TRUTH[2:]]
    figures = page_figures(TRUTH, merged)
    assert (figures.found, figures.merged, figures.false) == (2, 1, 0)


def test_a_line_beside_all_is_false() -> None:
    figures = page_figures(TRUTH, [*TRUTH, line(700, 0, 900, 60)])
    assert (figures.found, figures.false) == (4, 1)


def test_order_counts_for_pages_alone() -> None:
    figures = page_figures(TRUTH, TRUTH[::-1])
    assert (figures.order, figures.errors) == (-1.0, 0)
    assert figures.page_errors > 0


def test_texts_are_compared_by_the_rules() -> None:
    shouted = [(place, text.upper()) for place, text in TRUTH]
    assert page_figures(TRUTH, shouted).errors == 16
    assert page_figures(TRUTH, shouted, TextRules(ignore_case=True)).errors == 0


def test_pages_are_summed() -> None:
    both = total([page_figures(TRUTH, TRUTH), page_figures(TRUTH, [])])
    assert (both.pages, both.lines, both.found, both.cer) == (2, 8, 4, 0.5)


def test_figures_are_those_of_the_script_that_they_are_compared_with(shared_data: Path, tmp_path: Path) -> None:
    script = shared_data.parent / "tools" / "score_pages.py"
    if not script.exists():
        pytest.skip("the script is not there")
    spec = importlib.util.spec_from_file_location("score_pages", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ridges, source = plugins.create("segmenter", "ridges"), plugins.create("source", "xml")
    for file in sorted((shared_data / "latin-pages" / "valid").glob("*.xml"))[::9]:
        (page,) = source.pages(file)
        found = ridges.segment(page)
        written = tmp_path / file.name
        written.write_text("".join(plugins.create("writer", "page-xml", Run("", ""))([], found)))
        truth = [(place, text or "") for place, text in page.lines if place]
        ours = asdict(page_figures(truth, [(place, "") for place, _ in found.lines if place]))
        theirs = module.score(str(file), str(written))
        theirs["characters"], theirs["page_characters"] = theirs.pop("chars"), theirs.pop("page_chars")
        for name in ("page_errors", "page_characters", "errors", "characters"):  # spaces are treated in another way
            assert ours.pop(name) == pytest.approx(theirs.pop(name), rel=0.02)
        for name in ("found", "one", "merged", "false"):  # outlines in the file are whole pixels
            assert abs(ours.pop(name) - theirs.pop(name)) <= 1
        assert ours == theirs
