"""The segmenter ``ridges`` finds lines on drawn pages, and none where nothing is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import plugins
from htrkit.pages.cut import cut
from htrkit.testing import check_segmenter
from htrkit.types import Page, Pixels, Place
from tests.pages.sheets import PAPER, Sheet, letter, middle, sheet, text
from tests.time_limits import processor_time_within

RIDGES = plugins.create("segmenter", "ridges")


def places(pixels: Pixels) -> list[Place]:
    return [place for place, _ in RIDGES.segment(Page("sheet.png", Path("sheet.png"), 1, pixels)).lines]


def found(given: Sheet, places: list[Place]) -> list[int]:
    """The number of the line that each place is on, -1 if on none."""
    numbers = []
    for place in places:
        x, y = middle(place)
        on = [i for i, (left, top, right, bottom) in enumerate(given.boxes) if left < x < right and top < y < bottom]
        numbers.append(on[0] if on else -1)
    return numbers


def test_it_keeps_the_contract() -> None:
    check_segmenter(lambda: plugins.create("segmenter", "ridges"))


def test_each_line_of_a_letter_is_found_once_and_in_order() -> None:
    written = letter()
    lines = places(written.pixels)
    assert found(written, lines) == list(range(12))
    for place, (left, _, right, bottom) in zip(lines, written.boxes, strict=True):
        x, y = np.array(place.baseline).T
        assert abs(x[0] - left) < 20
        assert abs(x[-1] - right) < 20
        assert bottom - 25 < y.mean() < bottom + 5
    assert {place.region for place in lines} == {"r1"}


@pytest.mark.parametrize("angle", [-12, -5, 5, 12])
def test_slanted_lines_are_followed(angle: int) -> None:
    written = letter()
    height, width = written.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    lines = places(np.asarray(cv2.warpAffine(written.pixels, turn, (width, height), borderValue=PAPER), np.uint8))
    back = cv2.invertAffineTransform(turn)
    moved = [
        replace(one, polygon=tuple(map(tuple, np.array(one.polygon) @ back[:, :2].T + back[:, 2]))) for one in lines
    ]
    assert sorted(set(found(written, moved)) - {-1}) == list(range(12))
    assert len(moved) <= 14


def test_curved_lines_are_followed() -> None:
    written = letter()
    height, width = written.pixels.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = cv2.remap(written.pixels, x, y + 25.0 * np.sin(x / 220.0), cv2.INTER_LINEAR, borderValue=PAPER)
    lines = places(np.asarray(bent, np.uint8))
    assert len(lines) == 12
    assert all(np.ptp(np.array(place.baseline)[:, 1]) > 10 for place in lines)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_pages_are_read_upright(turns: int) -> None:
    written = letter()
    upright = places(written.pixels)
    page = Page("sheet.png", Path("sheet.png"), 1, np.ascontiguousarray(np.rot90(written.pixels, turns)))
    lines = [place for place, _ in RIDGES.segment(page).lines]
    assert len(lines) == 12
    for turned, level in zip(lines, upright, strict=True):
        one = cut(page, turned, "turned").pixels
        other = cut(written.page, level, "level").pixels
        rows, columns = (min(a, b) for a, b in zip(one.shape, other.shape, strict=True))
        assert abs(one.shape[0] - other.shape[0]) <= 3
        assert np.corrcoef(one[:rows, :columns].ravel(), other[:rows, :columns].ravel())[0, 1] > 0.5


def test_columns_are_not_joined_and_come_one_after_the_other() -> None:
    written = sheet([(40, 60, [text(i, 3) for i in range(14)]), (500, 60, [text(i + 3, 3) for i in range(14)])])
    assert found(written, places(written.pixels)) == list(range(28))


def test_rules_borders_and_specks_are_no_lines() -> None:
    written = letter()
    pixels = written.pixels.copy()
    rng = np.random.default_rng(0)
    pixels[:, :30] = pixels[-25:] = 8
    for y in range(110, 1150, 52):
        pixels[y : y + 2, 40:880] = 120
    pixels[20:1150, 60:63] = 90
    for x, y in zip(rng.integers(40, 890, 300), rng.integers(0, 1200, 300), strict=True):
        pixels[y, x] = 30
    lines = places(pixels)
    assert sorted(set(found(written, lines)) - {-1}) == list(range(12))
    assert len(lines) <= 14


def test_a_page_of_one_bit_reads_as_one_of_grey() -> None:
    written = letter()
    assert found(written, places(np.where(written.pixels > 140, 255, 0).astype(np.uint8))) == list(range(12))


NOTHING = {
    "blank": lambda rng: np.full((1000, 700), 255, np.uint8),
    "black": lambda rng: np.zeros((1000, 700), np.uint8),
    "grain": lambda rng: np.clip(rng.normal(190, 12, (1000, 700)), 0, 255).astype(np.uint8),
    "noise": lambda rng: rng.integers(0, 256, (1000, 700), np.uint8),
    "specks": lambda rng: np.where(np.kron(rng.random((500, 350)), np.ones((2, 2))) < 0.1, 0, 255).astype(np.uint8),
    "stripes": lambda rng: np.tile((np.arange(1000) // 7 % 2 * 255).astype(np.uint8)[:, None], (1, 700)),
    "a wall": lambda rng: np.tile(np.linspace(40, 220, 700).astype(np.uint8), (1000, 1)),
}


@pytest.mark.parametrize("what", NOTHING)
def test_where_nothing_is_written_no_line_is_found(what: str) -> None:
    assert not places(NOTHING[what](np.random.default_rng(0)))


def test_a_huge_page_takes_no_longer_than_any_other() -> None:
    written = letter()
    huge = np.asarray(cv2.resize(written.pixels, (9_000, 12_000), interpolation=cv2.INTER_LINEAR), np.uint8)
    with processor_time_within(5.0):
        assert len(places(huge)) == 12


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 9))
def test_any_small_image_has_an_answer(rows: int, columns: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint8)
    for place in places(pixels):
        x, y = np.array(place.polygon).T
        assert 0 <= x.min() < x.max() <= columns
        assert 0 <= y.min() < y.max() <= rows
