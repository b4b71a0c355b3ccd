"""Lines that are known are found again in their maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.pages.lines.find_lines import Rules, find_lines
from htrkit.pages.lines.heights import heights_of
from htrkit.pages.lines.maps import CHANNELS, line_maps
from htrkit.pages.lines.tracing import Piece
from tests.pages.lines.ideal import Known, ideal_maps
from tests.time_limits import processor_time_within


def found(*lines: Known, rules: Rules | None = None) -> list[Piece]:
    return sorted(find_lines(ideal_maps(lines), rules), key=lambda piece: (piece.y.mean(), piece.x[0]))


def is_found_as(piece: Piece, line: Known) -> bool:
    ends = abs(piece.x[0] - line.left) < 3 and abs(piece.x[-1] - line.right) < 3
    return bool(ends and np.abs(piece.y - line.at(piece.x)).max() < 0.8)


PAGES = st.lists(
    st.builds(
        Known,
        left=st.floats(5, 40),
        right=st.floats(80, 150),
        row=st.just(0.0),
        bend=st.floats(-3, 3),
        above=st.floats(5, 8),
    ),
    min_size=1,
    max_size=6,
)


@given(PAGES, st.floats(-0.3, 0.3))
@settings(max_examples=60, deadline=None)
def test_lines_in_any_number_slanted_and_curved_are_each_found_once(lines: list[Known], slope: float) -> None:
    top = 12 + max(0.0, -slope) * 145  # what climbs begins farther down
    bottom = 112 - max(0.0, slope) * 145
    step = min(14.0, (bottom - top) / len(lines))
    known = [replace(line, slope=slope, row=top + slope * line.left + step * i) for i, line in enumerate(lines)]
    if step < 11.0:  # they would not fit on the page
        known = known[:1]
    pieces = found(*known)
    assert len(pieces) == len(known)
    assert all(any(is_found_as(piece, line) for piece in pieces) for line in known)


@given(st.floats(1, 40))
@settings(max_examples=20, deadline=None)
def test_a_gap_within_a_line_is_joined_however_wide_up_to_the_rule(width: float) -> None:
    (piece,) = found(Known(10, 150, 50, slope=0.05, gap=(60, 60 + width)))
    assert is_found_as(piece, Known(10, 150, 50, slope=0.05))


def test_a_gap_that_is_wider_than_the_rule_separates() -> None:
    line = Known(10, 150, 50, gap=(50, 100))
    assert len(found(line, rules=Rules(gap=3.0))) == 2


def test_ends_that_are_marked_separate_what_is_close() -> None:
    left, right = Known(10, 70, 50), Known(76, 150, 50)
    one, other = found(left, right)
    assert is_found_as(one, left)
    assert is_found_as(other, right)


def test_lines_that_touch_are_cut_at_their_marks() -> None:
    left, right = Known(10, 70, 50), Known(72, 150, 50)
    assert [round(piece.x[0]) // 10 for piece in found(left, right)] == [1, 7]


def test_specks_are_no_lines() -> None:
    assert len(found(Known(10, 150, 50), Known(60, 61.5, 80))) == 1


def test_a_picture_of_noise_takes_no_longer_than_a_few_seconds() -> None:
    maps = ideal_maps([], rows=288, columns=288)
    noise = np.random.default_rng(0).random(maps.baseline.shape, np.float32)
    noisy = replace(maps, baseline=noise, start=noise, end=noise, region=noise)
    with processor_time_within(10.0):
        heights_of(find_lines(noisy, Rules(sure=0.0)))


def test_a_blank_page_has_no_lines() -> None:
    assert found() == []


@given(st.integers(0, 999), st.sampled_from([0.0, 1.0, 1e3, 1e30]))
@settings(max_examples=20, deadline=None)
def test_whatever_a_strangers_network_gives_its_maps_are_read_in_a_moment(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    output = (random.normal(size=(1, 96, 72, len(CHANNELS))) * scale).astype(np.float32)
    maps = line_maps(output, 0.25)
    assert all(m.min() >= 0.0 and m.max() <= 1.0 for m in (maps.baseline, maps.start, maps.end, maps.region))
    assert min(maps.above.min(), maps.below.min()) > 0.0
    with processor_time_within(5.0):
        find_lines(maps)
