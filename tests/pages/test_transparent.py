"""Ink of every level on transparent ground looks the same to the network; what is no single ink is on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from htrkit.pages.images import decode_image
from htrkit.preprocess.contrast import Contrast
from htrkit.preprocess.invert import Invert
from htrkit.types import Line, Pixels
from tests.drawing import writing
from tests.pages.files import encoded

STROKES = writing("Often quick", thickness=1)


def ink(level: int, strokes: Pixels = STROKES) -> Pixels:
    """(height, width, 4) of one grey level, opaque where strokes are black."""
    pixels = np.full((*strokes.shape, 4), level, np.uint8)
    pixels[..., 3] = 255 - strokes
    return pixels


def read(pixels: Pixels, image_format: str = "PNG", **options: Any) -> Pixels:
    (found,) = decode_image(encoded(pixels, image_format, **options), "x")
    return found


def cleaned(pixels: Pixels) -> Pixels:
    """As the network gets it."""
    return Contrast()(Invert()(Line("", pixels))).pixels


@pytest.mark.parametrize("options", [{"image_format": "PNG"}, {"image_format": "WEBP", "quality": 60}], ids=str)
def test_ink_of_every_level_looks_the_same(options: dict[str, Any]) -> None:
    expected = cleaned(STROKES).ravel()
    for level in (*range(0, 200, 20), *range(200, 256)):
        assert np.corrcoef(cleaned(read(ink(level), **options)).ravel(), expected)[0, 1] > 0.9, level


def test_a_single_light_ink_becomes_black_on_white_and_a_dark_one_stays() -> None:
    np.testing.assert_array_equal(read(ink(255)), STROKES)
    np.testing.assert_array_equal(read(ink(200)), STROKES)
    assert np.abs(read(ink(0)).astype(int) - STROKES).max() <= 1
    assert abs(int(read(ink(100)).min()) - (100 + 155 * int(STROKES.min()) // 255)) <= 1


def test_several_light_inks_are_seen_on_black() -> None:
    pixels = ink(255)
    pixels[:, :60, :3] = 236
    pixels[..., 3][STROKES > 150] = 0
    found = read(pixels)
    assert found[:, :60].max() < found[:, 60:].max()
    assert found[STROKES > 150].max() == 0


def test_paper_that_was_cut_out_stays_light() -> None:
    strokes = writing("a", ink=80, paper=240, noise=0.0)
    pixels = np.dstack([strokes] * 3 + [np.full_like(strokes, 255)])
    page = np.zeros((4 * len(strokes), strokes.shape[1], 4), np.uint8)
    page[: len(strokes)] = pixels
    found = read(page)
    np.testing.assert_array_equal(found[: len(strokes)], strokes)
    assert found[len(strokes) :].min() == 255


def test_nothing_but_paper_stays_bare() -> None:
    blank = np.full((20, 60, 4), 255, np.uint8)
    for opaque in (0, 255):
        blank[..., 3] = opaque
        assert read(blank).min() == 255
    blank[:5, :5, 3] = 0  # paper with a cut corner
    assert read(blank).min() == 255
