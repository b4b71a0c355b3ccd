"""Crops: what is marked on them is where it is in the picture, however that was changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from htrkit.pages.lines.maps import HEIGHT_UNIT, LONG_SIDE, STRIDE
from htrkit.training.pages.crops import Variation, draw_crop, fixed_crop
from htrkit.training.pages.targets import OUTSIDE, TARGETS
from htrkit.training.pages.truth import PageTruth, page_truth
from tests.training.pages.barred_pages import HEIGHT, bars

SIZE = 256


@pytest.fixture(scope="module")
def page() -> PageTruth:
    found = page_truth(bars(Path("p.png")))
    assert found is not None
    return found


def plane(maps: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    return maps[..., TARGETS.index(name)]


def test_the_writing_stands_on_the_marked_base_lines(page: PageTruth) -> None:
    reach, marks = 4, 0
    above = below = 0.0
    for seed in range(12):
        ink, maps = draw_crop(page, SIZE, np.random.default_rng(seed), Variation(turned=0.0))
        for row, column in np.argwhere(plane(maps, "baseline") > 0.4):
            if reach <= row < SIZE // STRIDE - reach:
                x, y = column * STRIDE, row * STRIDE
                above += float(ink[y - reach * STRIDE : y - STRIDE, x : x + STRIDE].mean())
                below += float(ink[y + STRIDE : y + reach * STRIDE, x : x + STRIDE].mean())
                marks += 1
    assert marks > 100
    assert above > below + 0.05 * marks


def test_heights_are_those_of_the_page_at_its_scale(page: PageTruth) -> None:
    _, maps = fixed_crop(page, SIZE, 0.5, 0.5)
    measured = plane(maps, "measured") > 0
    assert measured.any()
    scale = LONG_SIDE / HEIGHT
    np.testing.assert_allclose(plane(maps, "above")[measured], np.log(24 * scale / HEIGHT_UNIT), atol=0.05)
    np.testing.assert_allclose(plane(maps, "below")[measured], np.log(6 * scale / HEIGHT_UNIT), atol=0.05)


def test_lines_begin_on_the_left_and_end_on_the_right(page: PageTruth) -> None:
    _, maps = fixed_crop(page, 1024, 0.5, 0.5)
    start, end = (np.argwhere(plane(maps, name) > 0.5)[:, 1] for name in ("start", "end"))
    assert start.max() < end.min()


def test_what_people_left_out_counts_less_than_what_nobody_wrote(page: PageTruth) -> None:
    _, maps = fixed_crop(page, SIZE, 0.0, 0.0)
    assert plane(maps, "weight").min() == pytest.approx(OUTSIDE)
    _, maps = fixed_crop(replace(page, complete=True), SIZE, 0.0, 0.0)
    assert plane(maps, "weight").min() == 1.0


def test_on_a_turned_crop_there_is_nothing_to_find(page: PageTruth) -> None:
    _, maps = draw_crop(page, SIZE, np.random.default_rng(0), Variation(turned=1.0))
    assert not maps[..., :-1].any()


def test_a_crop_depends_on_its_generator_alone(page: PageTruth) -> None:
    for seed in range(20):
        one, same = (draw_crop(page, SIZE, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(one[0], same[0])
        np.testing.assert_array_equal(one[1], same[1])
