from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.errors import UsageError
from htrkit.pixels import WIDEST, check_line
from htrkit.preprocess.pad import Pad
from htrkit.types import Line


def grey(height: int, width: int) -> Line:
    """Ink all over but for the rows at the top and the bottom."""
    pixels = np.full((height, width), 40, np.uint8)
    pixels[[0, -1]] = 210
    return Line("", pixels)


def around(padded: Line, height: int, width: int) -> tuple[int, int, int, int]:
    """The paper added: left, top, right, bottom. All of the image must be there, and nothing else but paper."""
    (_, _, x), (_, _, y) = padded.to_page
    left, top = round(-x), round(-y)
    rows, columns = slice(top, top + height), slice(left, left + width)
    np.testing.assert_array_equal(padded.pixels[rows, columns], grey(height, width).pixels)
    rest = padded.pixels.copy()
    rest[rows, columns] = 210
    assert (rest == 210).all()
    return left, top, padded.pixels.shape[1] - width - left, padded.pixels.shape[0] - height - top


def test_a_word_gets_paper_all_around_it_and_a_line_beside_it() -> None:
    assert around(Pad()(grey(100, 499)), 100, 499) == (24, 10, 24, 10)
    assert around(Pad()(grey(100, 500)), 100, 500) == (20, 0, 20, 0)
    assert around(Pad(words=0.25, beside=1.0)(grey(20, 30)), 20, 30) == (30, 5, 30, 5)
    assert around(Pad(words=0.0, beside=0.0)(grey(20, 30)), 20, 30) == (0, 0, 0, 0)


@given(height=st.integers(2, 9), width=st.integers(1, 9 * WIDEST), words=st.floats(0, 1), beside=st.floats(0, 1))
def test_what_may_be_a_line_stays_one(height: int, width: int, words: float, beside: float) -> None:
    width = min(width, WIDEST * height)
    padded = Pad(words=words, beside=beside)(grey(height, width))
    check_line(padded.pixels)
    left, top, right, bottom = around(padded, height, width)
    assert (left, top) == (right, bottom)


@pytest.mark.parametrize("options", [{"words": -0.1}, {"words": 1.5}, {"beside": float("nan")}, {"beside": 2.0}])
def test_options_that_make_no_sense(options: dict[str, float]) -> None:
    (name,) = options
    with pytest.raises(UsageError, match=f"option '{name}' of preprocessor 'pad' is .*; it takes 0 to 1"):
        Pad(**options)
