"""Pages that lie or stand on their head are set upright."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from htrkit.pages.images import read_images
from htrkit.pages.upright import quarter_turns, with_page_upright
from htrkit.types import Page, Place, Region
from tests.pages.sheets import PAPER, letter, outline


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("angle", [-5, 0, 5])
def test_a_turned_letter_is_known_though_it_is_slanted(turns: int, angle: int) -> None:
    pixels = letter(18).pixels
    height, width = pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    slanted = np.asarray(cv2.warpAffine(pixels, turn, (width, height), borderValue=PAPER), np.uint8)
    assert quarter_turns(np.ascontiguousarray(np.rot90(slanted, -turns))) == turns


@pytest.mark.parametrize("pixels", [np.full((300, 200), 255, np.uint8), np.zeros((1, 1), np.uint8)])
def test_what_has_no_writing_stays_as_it_is(pixels: np.ndarray) -> None:  # type: ignore[type-arg]
    assert quarter_turns(pixels) == 0


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_lines_are_given_back_where_they_stand_on_the_page(turns: int) -> None:
    written = letter(18)
    turned = np.ascontiguousarray(np.rot90(written.pixels, -turns))
    box = outline(*map(float, written.boxes[0]))

    def find(page: Page) -> Page:
        assert page.pixels.shape == written.pixels.shape
        place = Place(page.id, 0, box, (box[3], box[2]), "r1")
        return replace(page, regions=(Region("r1", "text", box),), lines=((place, None),))

    found = with_page_upright(Page("x.png", Path("x.png"), 1, turned), find)
    assert found.pixels is turned
    ((place, _),) = found.lines
    assert place is not None
    assert found.regions[0].polygon == place.polygon
    (left, top), (right, bottom) = np.min(place.polygon, axis=0).astype(int), np.max(place.polygon, axis=0).astype(int)
    x0, y0, x1, y1 = written.boxes[0]
    np.testing.assert_array_equal(np.rot90(turned[top:bottom, left:right], turns), written.pixels[y0:y1, x0:x1])
    along = np.subtract(place.baseline[1], place.baseline[0]) / (x1 - x0)
    np.testing.assert_allclose(along, [(1, 0), (0, 1), (-1, 0), (0, -1)][turns])


def test_pages_of_archives_are_set_upright(shared_data: Path) -> None:
    for path in sorted((shared_data / "latin-pages" / "valid").glob("*.webp"))[::8]:
        pixels = read_images(path)[0].pixels
        for turns in range(4):
            assert quarter_turns(np.ascontiguousarray(np.rot90(pixels, -turns))) == turns
