"""A page is told from one line or word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from htrkit.pages.images import read_images
from htrkit.pages.page_or_line import is_page, looks_like_several_lines
from htrkit.readers import open_samples
from htrkit.types import Pixels, Sample
from tests.drawing import WORDS, writing
from tests.preprocess.test_steps import SHAPES, UNUSUAL


def stacked(lines: Sequence[Pixels], overlap: float) -> Pixels:
    """Lines below each other, each reaching into the one above by a share of its height."""
    tops = np.cumsum([0, *(round(pixels.shape[0] * (1.0 - overlap)) for pixels in lines[:-1])])
    height = max(top + pixels.shape[0] for top, pixels in zip(tops, lines, strict=True))
    page = np.full((height, max(pixels.shape[1] for pixels in lines)), int(np.median(lines[0])), np.uint8)
    for top, pixels in zip(tops, lines, strict=True):
        place = page[top : top + pixels.shape[0], : pixels.shape[1]]
        np.minimum(place, pixels, out=place)
    return page


@pytest.mark.parametrize("text", [*WORDS, " ".join(WORDS), "E", "=", ":", "EEE", "i", "- - - - - -", "fly", ""])
def test_one_line_or_word_is_one(text: str) -> None:
    for slant in (0.0, 0.4):
        assert not looks_like_several_lines(writing(text, slant=slant))


@pytest.mark.parametrize("overlap", [-0.5, 0.0, 0.2])
@pytest.mark.parametrize("count", [2, 3, 5, 12, 40])
def test_several_lines_are_several(count: int, overlap: float) -> None:
    lines = [writing(f"{WORDS[i % 14]} {WORDS[(i + 3) % 14]} {WORDS[(i + 8) % 14]}", seed=i) for i in range(count)]
    assert looks_like_several_lines(stacked(lines, overlap))


@pytest.mark.parametrize("stroke", [1, 3])
def test_a_rule_below_a_line_is_no_line(stroke: int) -> None:
    pixels = np.pad(writing("quick brown letters and"), ((0, 20), (0, 0)), mode="edge")
    pixels[-10 : -10 + stroke] = 40
    assert not looks_like_several_lines(pixels)


@pytest.mark.parametrize("kind", ["one pixel", "one row", "one column", "blank", "black", "very wide"])
def test_unusual_images_are_not_several_lines(kind: str) -> None:
    assert not looks_like_several_lines(UNUSUAL[kind])


def test_grain_is_no_writing() -> None:
    rng = np.random.default_rng(0)
    for noise in (2.0, 10.0, 40.0):
        assert not looks_like_several_lines(np.clip(rng.normal(180, noise, (120, 600)), 0, 255).astype(np.uint8))


@settings(deadline=None, max_examples=60)
@given(SHAPES.flatmap(lambda shape: arrays.arrays(np.uint8, shape)))
def test_any_image_has_an_answer(pixels: Pixels) -> None:
    assert looks_like_several_lines(pixels) in (True, False)


@pytest.mark.parametrize("height", [64, 128, 300])
@pytest.mark.parametrize("text", [*WORDS, " ".join(WORDS), "E", "=", "i", ""])
def test_a_line_or_word_is_no_page_however_large_it_is_scanned(text: str, height: int) -> None:
    assert not is_page(writing(text, height=height))
    assert not is_page(np.rot90(writing(text + " and letters", height=height)))


@pytest.mark.parametrize("count", [3, 6, 12])
def test_a_note_or_a_postcard_is_a_page(count: int) -> None:
    lines = [writing(f"{WORDS[i % 14]} {WORDS[(i + 3) % 14]} {WORDS[(i + 8) % 14]}", seed=i) for i in range(count)]
    assert is_page(stacked(lines, 0.2))


def test_a_large_sheet_is_a_page_whatever_is_on_it() -> None:
    sheet = np.full((1400, 1000), 230, np.uint8)
    assert is_page(sheet)
    word = writing("garden")
    sheet[300 : 300 + word.shape[0], 200 : 200 + word.shape[1]] = word
    assert is_page(sheet)


@pytest.mark.parametrize("kind", ["one pixel", "one row", "one column", "blank", "black", "very wide"])
def test_unusual_images_are_no_pages(kind: str) -> None:
    assert not is_page(UNUSUAL[kind])


@cache
def samples_of(table: Path) -> tuple[Sample, ...]:
    return tuple(open_samples([table]))


@pytest.mark.parametrize("table", ["valid.tsv", "valid.words.tsv"])
def test_real_lines_and_words_are_one(shared_data: Path, table: str) -> None:
    samples = samples_of(shared_data / "iam-lines" / table)[::8]
    assert np.mean([looks_like_several_lines(sample.line.pixels) for sample in samples]) <= 0.01


def test_no_real_line_or_word_is_a_page_and_real_pages_are(shared_data: Path) -> None:
    for table in ("iam-lines/valid.tsv", "iam-lines/valid.words.tsv", "latin-lines/valid.tsv"):
        assert not any(is_page(sample.line.pixels) for sample in samples_of(shared_data / table)[::8])
    pages = sorted((shared_data / "latin-pages" / "valid").glob("*.webp"))[::6]
    for page in (read_images(path)[0].pixels for path in pages):
        assert is_page(page)
        small = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        assert is_page(small)


@pytest.mark.parametrize("overlap", [0.0, 0.2])
@pytest.mark.parametrize("count", [2, 3])
def test_real_lines_below_each_other_are_several(shared_data: Path, count: int, overlap: float) -> None:
    forms: dict[str, list[Sample]] = {}
    for sample in samples_of(shared_data / "iam-lines/valid.tsv"):
        forms.setdefault(sample.groups["form"], []).append(sample)
    long_enough = [lines[:count] for lines in forms.values() if len(lines) >= count][::2]
    pages = [stacked([sample.line.pixels for sample in lines], overlap) for lines in long_enough]
    assert np.mean([looks_like_several_lines(page) for page in pages]) >= 0.9


@pytest.mark.parametrize(("gap", "size"), [(4, 1), (6, 2), (9, 3), (13, 4)])
@pytest.mark.parametrize("room", [-6, 2, 12])
def test_a_row_of_dots_to_write_on_is_no_line(gap: int, size: int, room: int) -> None:
    pixels = np.pad(writing("quick brown letters and jolly"), ((0, 20), (0, 0)), mode="edge")
    for x in range(0, pixels.shape[1], gap):
        pixels[64 + room : 64 + room + size, x : x + size] = 50
    assert not looks_like_several_lines(pixels)
