"""The segmenter `ppocr`, through htrkit's plugin host, on a page drawn here."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from htrkit_rapidocr.segmenter import PpOcr

from htrkit import Page, UsageError, plugins
from htrkit.testing import check_segmenter

LINES = ("A page of writing", "with some lines on it,", "the last one short")


def page() -> Page:
    pixels = np.full((700, 900), 235, np.uint8)
    for number, text in enumerate(LINES):
        cv2.putText(pixels, text, (100, 150 + 120 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 40, 3, cv2.LINE_AA)
    return Page("letter", Path("letter.png"), 1, pixels)


def test_it_keeps_the_contract_of_segmenters() -> None:
    check_segmenter(PpOcr)


def test_it_finds_each_line_from_top_to_bottom() -> None:
    found = plugins.create("segmenter", "ppocr").segment(page())
    places = [place for place, _ in found.lines]
    assert len(places) == len(LINES)
    for number, place in enumerate(places):
        xs, ys = np.array(place.polygon).T
        assert xs.min() < 130
        assert ys.min() < 140 + 120 * number < ys.max()  # the middle of the small letters
        assert np.array(place.baseline)[:, 1] == pytest.approx(150 + 120 * number, abs=12)


def test_a_blank_page_has_no_lines() -> None:
    blank = Page("blank", Path("blank.png"), 1, np.full((400, 300), 235, np.uint8))
    assert plugins.create("segmenter", "ppocr").segment(blank).lines == ()


def test_sizes_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="size"):
        plugins.create("segmenter", "ppocr", size=10)
