"""What is known of a page is written and read again, and every file is valid."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htrkit.types import Hypothesis, Page, Place, Region, Result, Run, Word
from tests.pages.xml.drawn import FORMATS, HEIGHT, TEXTS, WIDTH, pages, read, schema, valid, written

PATHS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
ANY = st.floats() | st.just(math.nan)


def known(page: Page) -> tuple[Any, ...]:
    """Regions and lines, as what compares equal; no text is the same as an empty one."""
    lines = [(place.polygon, place.baseline, place.region, place.id, text or "") for place, text in page.lines if place]
    return page.regions, lines, [place and place.order for place, _ in page.lines]


@pytest.mark.parametrize("name", FORMATS)
@PATHS
@given(page=pages())
def test_what_is_known_of_a_page_is_written_and_read_again(tmp_path: Path, name: str, page: Page) -> None:
    again = read(tmp_path, written(FORMATS[name], page))
    assert known(again) == known(page)
    assert all(place is not None and place.page == again.id for place, _ in again.lines)
    assert (again.image, again.image_page) == (tmp_path / "page.png", 1)
    assert known(read(tmp_path, written(FORMATS[name], again))) == known(page)


words = st.builds(
    Word,
    TEXTS,
    st.lists(st.tuples(ANY, ANY), max_size=5).map(tuple),
    st.none() | ANY,
    st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
hypotheses = st.builds(
    Hypothesis, TEXTS, st.just(0.0), confidence=st.none() | ANY, words=st.lists(words, max_size=3).map(tuple)
)


@st.composite
def odd_pages(draw: st.DrawFn) -> tuple[Page, list[Result]]:
    """Pages and results such as strangers' segmenters and decoders may give."""
    ids = st.sampled_from(
        ["", "a", "a", "1", "line_1", "region_1", "a.w1", "a b", "é:x", "١٢", "ꙮ", "reading_order", "page"]
    )
    outline = st.lists(st.tuples(ANY, ANY), max_size=5).map(tuple)
    regions = draw(st.lists(st.builds(Region, ids, st.text(max_size=3), outline), max_size=3))
    places = draw(st.lists(st.builds(Place, st.just("p"), st.just(0), outline, outline, ids, ids), max_size=4))
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    page = Page(
        "p", Path("p\udce9.png"), 3, pixels, tuple(regions), tuple((place, draw(st.text())) for place in places)
    )
    results = [
        Result("x", tuple(draw(st.lists(hypotheses, min_size=1, max_size=3))), Place("p", order, ()))
        for order in range(len(places))
        if draw(st.booleans())
    ]
    return page, results


@pytest.mark.parametrize("name", FORMATS)
@PATHS
@given(given_=odd_pages())
def test_every_file_is_valid_whatever_is_in_it(shared_data: Path, name: str, given_: tuple[Page, list[Result]]) -> None:
    page, results = given_
    for run in (Run("", ""), Run("m", "d", n_best=3)):
        assert valid(written(FORMATS[name], page, results, run), schema(shared_data, name))


@pytest.mark.parametrize("name", FORMATS)
def test_files_of_others_come_out_valid_and_with_everything_that_is_known(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    files = sorted((shared_data / "page-files").glob("*.xml"))
    if not files:
        pytest.skip(f"no files in {shared_data / 'page-files'}")
    read_some = 0
    for file in files:
        text = file.read_bytes()
        if file.stem in ("abbyy-not-ours", "alto-invalid"):
            continue
        page = read_beside(tmp_path / file.stem, text)
        assert valid(written(FORMATS[name], page), schema(shared_data, name))
        again = read_beside(tmp_path / f"{file.stem} again", written(FORMATS[name], page).encode())
        assert [text or "" for _, text in again.lines] == [text or "" for _, text in page.lines]
        assert [place and place.id for place, _ in again.lines] == [place and place.id for place, _ in page.lines]
        assert [region.id for region in again.regions] == [region.id for region in page.regions]
        read_some += len(page.lines)
    assert read_some > 50


def read_beside(folder: Path, text: bytes) -> Page:
    """A file's page, with a picture of the size and name that it states."""
    import re

    folder.mkdir(parents=True)
    found = re.search(rb'imageFilename="([^"]*)|<fileName>([^<]*)', text)
    assert found
    width = re.search(rb'(?:imageWidth|WIDTH)="(\d+)', text)
    height = re.search(rb'(?:imageHeight|HEIGHT)="(\d+)', text)
    size = (int(width[1]) if width else 0, int(height[1]) if height else 0)
    return read(folder, text, size=(size[0] or 99, size[1] or 88), image=(found[1] or found[2]).decode())
