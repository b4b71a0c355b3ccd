"""The segmenter: htrkit's conformance kit, then a page drawn here."""

from pathlib import Path

import numpy as np

from htrkit import Page, plugins
from htrkit.testing import check_segmenter


def test_keeps_the_contract() -> None:
    check_segmenter(lambda: plugins.create("segmenter", "gaps"))


def test_strips_with_ink_are_lines_and_specks_are_not() -> None:
    pixels = np.full((100, 50), 255, np.uint8)
    pixels[10:30, 5:45] = pixels[60:90, 5:20] = pixels[95:97, 3] = 0
    page = plugins.create("segmenter", "gaps", room=0).segment(Page("x", Path("x"), 1, pixels))
    assert [place.polygon[::2] for place, _ in page.lines] == [((0.0, 10.0), (50.0, 30.0)), ((0.0, 60.0), (50.0, 90.0))]
