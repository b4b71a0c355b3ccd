"""What is learnt from a page: base lines and heights, from whatever its file says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from htrkit.training.pages.truth import LARGEST, line_truth, page_truth
from htrkit.types import Place
from tests.training.pages.barred_pages import bars

BOX = ((10.0, 20.0), (210.0, 20.0), (210.0, 60.0), (10.0, 60.0))


def test_heights_are_those_of_the_polygon_above_and_below_the_base_line() -> None:
    line = line_truth(Place("p", 0, BOX, ((10.0, 50.0), (210.0, 50.0))))
    assert line is not None
    assert (line.above, line.below) == pytest.approx((30.0, 10.0), abs=0.1)


def test_a_single_tall_letter_does_not_make_the_line_higher() -> None:
    tall = ((10.0, 20.0), (100.0, 20.0), (102.0, -80.0), (104.0, 20.0), *BOX[1:])
    line = line_truth(Place("p", 0, tall, ((10.0, 50.0), (210.0, 50.0))))
    assert line is not None
    assert line.above == pytest.approx(30.0, abs=0.1)


def test_a_slanted_line_is_measured_across() -> None:
    slanted = tuple((x, y + 0.5 * x) for x, y in BOX)
    line = line_truth(Place("p", 0, slanted, ((10.0, 55.0), (210.0, 155.0))))
    assert line is not None
    assert line.above + line.below == pytest.approx(40.0 * np.cos(np.arctan(0.5)), abs=1.0)


def test_without_a_base_line_it_runs_in_the_lower_part_of_the_polygon() -> None:
    line = line_truth(Place("p", 0, BOX))
    assert line is not None
    assert np.abs(line.baseline[:, 1] - 50.0).max() < 0.1


@pytest.mark.parametrize("polygon", [(), BOX[:2], ((1.0, 1.0),) * 4])
def test_a_line_without_an_outline_is_none(polygon: tuple[tuple[float, float], ...]) -> None:
    assert line_truth(Place("p", 0, polygon)) is None


def test_notes_along_the_edge_are_not_learnt_as_lines() -> None:
    page = bars(Path("p.png"))
    upright = Place("p", 0, ((5.0, 50.0), (15.0, 50.0), (15.0, 350.0), (5.0, 350.0)), ((12.0, 350.0), (12.0, 50.0)))
    truth = page_truth(replace(page, lines=(*page.lines, (upright, None))))
    assert truth is not None
    assert (len(truth.lines), len(truth.steep)) == (len(page.lines), 1)


def test_a_page_without_lines_teaches_nothing() -> None:
    assert page_truth(replace(bars(Path("p.png")), lines=())) is None


def test_a_large_page_is_kept_smaller_with_its_lines() -> None:
    page = bars(Path("p.png"))
    large = replace(
        page,
        pixels=np.kron(page.pixels, np.ones((10, 10), np.uint8)),
        lines=tuple(
            (
                replace(
                    place, **{k: tuple((10 * x, 10 * y) for x, y in getattr(place, k)) for k in ("polygon", "baseline")}
                ),
                t,
            )
            for place, t in page.lines
        ),
    )
    small, truth = page_truth(page), page_truth(large)
    assert small is not None
    assert truth is not None
    assert max(truth.pixels.shape) == LARGEST
    scale = LARGEST / 400
    np.testing.assert_allclose(truth.lines[0].baseline, small.lines[0].baseline * scale, rtol=0.01)
    assert truth.lines[0].above == pytest.approx(small.lines[0].above * scale, rel=0.01)
