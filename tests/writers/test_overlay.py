"""The format ``overlay`` draws what was found on the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import plugins
from htrkit.types import Page, Place, Region, Run
from tests.pages.sheets import letter, outline


def drawn(page: Page, **options: object) -> np.ndarray:  # type: ignore[type-arg]
    writer = plugins.create("writer", "overlay", Run("", ""), **options)
    data = b"".join(writer([], page))
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def page_with_lines() -> Page:
    written = letter()
    boxes = [outline(*map(float, box)) for box in written.boxes]
    lines = tuple((Place("x", i, box, (box[3], box[2]), "r1"), None) for i, box in enumerate(boxes))
    return replace(written.page, regions=(Region("r1", "text", outline(40, 40, 880, 800)),), lines=lines)


def test_colour_lies_on_lines_and_nowhere_else() -> None:
    page = page_with_lines()
    picture = drawn(page).astype(int)
    assert picture.shape == (*page.pixels.shape, 3)
    colour = np.ptp(picture, axis=2) > 15
    left, top, right, bottom = letter().boxes[3]
    assert colour[top + 2 : bottom - 2, left + 2 : right - 2].mean() > 0.5
    assert colour[900:].sum() == 0
    assert np.ptp(picture[40, 300:600], axis=1).max() > 5  # the frame of the region


def test_numbers_stand_where_lines_begin_unless_they_are_not_wanted() -> None:
    page = page_with_lines()
    where = np.abs(drawn(page).astype(int) - drawn(page, numbers=False)).sum(axis=2) > 0
    left, top, _, bottom = letter().boxes[5]
    assert where[top : bottom + 4, max(0, left - 40) : left + 4].any()
    assert not where[:, 300:].any()


def test_a_large_page_becomes_a_picture_of_handy_size_and_one_without_lines_stays_plain() -> None:
    page = page_with_lines()
    assert max(drawn(page, longest=600).shape) == 600
    plain = drawn(replace(page, regions=(), lines=((None, None),)))
    assert np.ptp(plain.astype(int), axis=2).max() == 0


COORDINATES = st.floats() | st.integers() | st.sampled_from(["", "a", None, 10**400])
OUTLINES = st.none() | st.integers() | st.text() | st.lists(st.lists(COORDINATES, max_size=3).map(tuple) | COORDINATES)


@pytest.mark.parametrize("name", ["overlay", "page-xml", "alto", "hocr"])
@given(st.lists(st.tuples(OUTLINES, OUTLINES), max_size=4), OUTLINES)
@settings(deadline=None, max_examples=60)
def test_outlines_that_are_none_cost_no_page(name: str, outlines: list[tuple[Any, Any]], around: Any) -> None:
    lines = tuple((Place("x", i, polygon, baseline, "r"), None) for i, (polygon, baseline) in enumerate(outlines))
    page = Page("x", Path("x.png"), 1, np.full((40, 60), 255, np.uint8), (Region("r", "text", around),), lines)
    assert list(plugins.create("writer", name, Run("", ""))([], page)) != [b""]


def test_a_line_that_cannot_be_drawn_keeps_its_number() -> None:
    page = page_with_lines()
    nowhere = replace(page, lines=((Place("x", 0, ()), None), *page.lines[1:]))
    without_first = np.abs(drawn(page).astype(int) - drawn(nowhere)).sum(axis=2) > 0
    below = letter().boxes[1][1]
    assert without_first[: below - 8].any()
    assert not without_first[letter().boxes[1][3] :].any()
