from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from htrkit.preprocess.angles import sharpest
from htrkit.preprocess.shear import moved_rows, shear_columns, shear_rows
from htrkit.types import Line, Pixels

SMALL = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 20)), elements=st.integers(0, 1))


@given(SMALL, st.integers(-3, 3))
def test_rows_are_moved_by_whole_pixels_without_a_change(pixels: Pixels, slope: int) -> None:
    moved, start = moved_rows(pixels, float(slope), 1)
    for number, row in enumerate(pixels):
        first = start + slope * number
        np.testing.assert_array_equal(moved[number, first : first + len(row)], row)
    assert moved.sum() - pixels.sum() == moved.size - pixels.size  # all else is paper


@given(SMALL, st.floats(-1.0, 1.0))
def test_columns_are_moved_as_rows_are(pixels: Pixels, slope: float) -> None:
    pixels = pixels * np.uint8(255)
    by_rows = shear_rows(Line("", np.ascontiguousarray(pixels.T)), slope).pixels
    by_columns = shear_columns(Line("", pixels), slope).pixels
    if np.median(pixels[[0, -1]]) == np.median(pixels[:, [0, -1]]):
        np.testing.assert_array_equal(by_columns, by_rows.T)
    assert by_columns.flags.c_contiguous


@pytest.mark.parametrize("slope", [-0.3, 0.7])
def test_a_line_of_any_width_is_moved(slope: float) -> None:
    """OpenCV's own functions end at 32,767 columns."""
    pixels = np.random.default_rng(0).integers(0, 256, (6, 70_000), dtype=np.uint8)
    whole, start = moved_rows(pixels, slope, 0)
    part, _ = moved_rows(pixels[:, -100:], slope, 0)
    np.testing.assert_array_equal(whole[:, -90:], part[:, -90:])
    assert whole.shape[1] - pixels.shape[1] == np.ceil(abs(slope) * 5)
    assert start == (np.ceil(abs(slope) * 5) if slope < 0 else 0)


@given(SMALL, st.permutations(range(-3, 4)))
def test_the_sharpest_shear_has_the_largest_sum_of_squared_columns(ink: Pixels, leans: list[int]) -> None:
    def squares(lean: int) -> int:
        # what lies that much further right in each row moves left by as much
        columns = moved_rows(ink, float(-lean), 0)[0].sum(axis=0, dtype=np.int64)
        return int(columns @ columns)

    found = sharpest(ink, np.array(leans, np.float64))
    best = max(map(squares, leans))
    assert squares(leans[found]) == best
    assert found == [squares(lean) for lean in leans].index(best)
