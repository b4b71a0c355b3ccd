"""Which boxes become one line."""

import numpy as np
import pytest
from htrkit_rapidocr.boxes import Box, joined
from hypothesis import given
from hypothesis import strategies as st


def box(left: float, top: float, right: float, bottom: float, rise: float = 0.0) -> Box:
    """A box whose lines rise by a share of their length."""
    up = np.array([[0.0, 0.0], [0.0, rise * (right - left)]])
    return Box(np.array([[left, top], [right, top]]) - up, np.array([[left, bottom], [right, bottom]]) - up)


def lines(*boxes: Box, gap: float = 1.5) -> list[list[float]]:
    """The left edges of each line's boxes."""
    return sorted([one.upper[0, 0] for one in line] for line in joined(boxes, gap))


def test_corners_are_told_clockwise() -> None:
    made = Box.of(np.array([[0.0, 0.0], [10.0, 1.0], [10.0, 5.0], [0.0, 4.0]]))
    np.testing.assert_array_equal(made.upper, [[0, 0], [10, 1]])
    np.testing.assert_array_equal(made.lower, [[0, 4], [10, 5]])
    assert made.height == pytest.approx(4.0)
    np.testing.assert_allclose(made.baseline, [[0, 3], [10, 4]])


def test_what_continues_a_box_joins_its_line() -> None:
    assert [0, 120] in lines(box(0, 0, 100, 20), box(120, 2, 200, 21), box(0, 30, 90, 50))


def test_the_line_below_and_what_is_far_away_stay_apart() -> None:
    assert len(lines(box(0, 0, 100, 20), box(110, 18, 200, 38))) == 2
    assert len(lines(box(0, 0, 100, 20), box(131, 0, 200, 20))) == 2
    assert len(lines(box(0, 0, 100, 20), box(131, 0, 200, 20), gap=2.0)) == 1


def test_a_heading_does_not_join_small_writing() -> None:
    assert len(lines(box(0, 0, 100, 40), box(110, 12, 200, 28))) == 2


def test_lines_that_rise_are_followed() -> None:
    assert lines(box(0, 100, 100, 120, 0.2), box(110, 78, 200, 98, 0.2), box(0, 130, 100, 150, 0.2)) == [[0], [0, 110]]


@given(st.permutations(range(8)))
def test_the_order_that_boxes_come_in_does_not_matter(order: list[int]) -> None:
    grid = [
        box(60.0 * column, 40.0 * row, 60.0 * column + 50, 40.0 * row + 22) for row in range(2) for column in range(4)
    ]
    assert lines(*(grid[number] for number in order)) == [[0, 60, 120, 180]] * 2


@given(st.lists(st.tuples(*[st.floats(-50, 500)] * 8), max_size=12))
def test_every_box_is_in_one_line(corners: list[tuple[float, ...]]) -> None:
    boxes = [Box.of(np.reshape(eight, (4, 2))) for eight in corners]
    found = [id(one) for line in joined(boxes, 1.5) for one in line]
    assert sorted(found) == sorted(map(id, boxes))
