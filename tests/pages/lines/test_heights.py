"""Lines are as high as the network says, but do not reach into their neighbours."""

from __future__ import annotations

from htrkit.pages.lines.find_lines import find_lines
from htrkit.pages.lines.heights import ROOM, heights_of
from tests.pages.lines.ideal import Known, ideal_maps


def test_a_line_alone_has_a_little_more_room_than_the_network_says() -> None:
    (heights,) = heights_of(find_lines(ideal_maps([Known(10, 150, 50, above=7.0, below=4.0)])))
    assert abs(heights.above - ROOM * 7.0) < 0.1
    assert abs(heights.below - ROOM * 4.0) < 0.1


def test_a_line_that_is_too_high_ends_at_the_base_line_above_it() -> None:
    upper, lower = Known(10, 150, 40), Known(10, 150, 50, above=30.0)
    heights = heights_of(sorted(find_lines(ideal_maps([upper, lower])), key=lambda piece: piece.y[0]))
    assert 9.0 < heights[1].above < 11.0
    assert abs(heights[0].above - ROOM * 6.0) < 0.1


def test_a_line_beside_another_is_not_limited_by_it() -> None:
    left, right = Known(10, 70, 40, above=20.0), Known(90, 150, 30, above=20.0)
    found = heights_of(find_lines(ideal_maps([left, right])))
    assert all(abs(heights.above - ROOM * 20.0) < 0.1 for heights in found)


def test_a_short_number_has_more_room_than_a_line() -> None:
    lines = [Known(10, 150, 30), Known(10, 22, 80)]
    line, number = heights_of(sorted(find_lines(ideal_maps(lines)), key=lambda piece: piece.y[0]))
    assert number.above > 1.2 * line.above
    assert number.below > 1.2 * line.below
