"""Lines in any order are put into reading order and regions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import plugins
from htrkit.pages.order import in_reading_order
from htrkit.types import Place
from tests.pages.sheets import outline

Box = tuple[float, float, float, float]
WIDTH, HEIGHT = 1000, 1400


def column(left: float, right: float, top: float, count: int, step: float = 40.0) -> list[Box]:
    return [(left, top + i * step, right, top + i * step + 30.0) for i in range(count)]


def places(boxes: Sequence[Box], angle: float = 0.0) -> list[Place]:
    """Lines named by their number, on a page turned by so many degrees."""
    radians = np.radians(angle)
    turn = np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])
    made = []
    for number, (left, top, right, bottom) in enumerate(boxes):
        polygon, base = np.array(outline(left, top, right, bottom)), np.array([[left, bottom - 8], [right, bottom - 8]])
        made.append(Place(str(number), 0, tuple(map(tuple, polygon @ turn)), tuple(map(tuple, base @ turn))))
    return made


def order(lines: Sequence[Place], seed: int = 0) -> list[int]:
    shuffled = random.Random(seed).sample(list(lines), len(lines))
    _, ordered = in_reading_order(shuffled, WIDTH, HEIGHT)
    return [int(place.page) for place in ordered]


PAGES: dict[str, Callable[[], list[Box]]] = {
    "one column": lambda: column(100, 900, 100, 20),
    "short last lines": lambda: [(100.0, y, x, y + 30.0) for y, x in zip(range(100, 900, 40), [900, 880, 300] * 7)],  # noqa: B905
    "two columns": lambda: [*column(60, 480, 100, 20), *column(520, 940, 110, 20)],
    "a title above two columns": lambda: [
        (200.0, 40.0, 800.0, 80.0), *column(60, 480, 110, 20), *column(520, 940, 115, 20),
    ],
    "two columns, a line across, two columns": lambda: [
        *column(60, 480, 100, 8), *column(520, 940, 105, 8), (60.0, 450.0, 940.0, 480.0),
        *column(60, 480, 520, 8), *column(520, 940, 515, 8),
    ],
    "a note on the right": lambda: [*column(60, 700, 100, 20), *column(760, 930, 300, 4)],
    "a note on the left": lambda: [*column(300, 940, 100, 20), *column(40, 240, 500, 4)],
    "a page's number": lambda: [*column(60, 800, 100, 20), (880.0, 40.0, 920.0, 70.0)],
    "a line in two parts": lambda: [
        *column(60, 900, 100, 5), (60.0, 300.0, 350.0, 330.0), (500.0, 306.0, 900.0, 336.0), *column(60, 900, 340, 5),
    ],
    "a table": lambda: [
        (left, y, right, y + 30.0) for y in range(100, 700, 60) for left, right in ((60, 120), (200, 420), (520, 600))
    ],
    "facing pages": lambda: [*column(40, 460, 100, 25), *column(540, 960, 80, 25)],
}  # fmt: skip


@pytest.mark.parametrize("angle", [0.0, -3.0, 3.0])
@pytest.mark.parametrize("what", PAGES)
def test_pages_are_read_as_people_read_them(what: str, angle: float) -> None:
    boxes = PAGES[what]()
    assert order(places(boxes, angle)) == list(range(len(boxes)))


def test_entries_without_blank_rows_between_them_are_read_column_by_column() -> None:
    boxes = [*column(40, 100, 100, 6, 160), *column(150, 260, 100, 6, 160), *column(300, 900, 100, 25)]
    assert order(places(boxes)) == list(range(len(boxes)))
    spaced = [
        (300.0, y, 900.0, y + 30.0) for entry in range(6) for y in range(100 + 200 * entry, 220 + 200 * entry, 40)
    ]
    numbers = column(40, 100, 100, 6, 200)
    dates = column(150, 260, 100, 6, 200)
    rows = [line for i in range(6) for line in (numbers[i], dates[i], *spaced[3 * i : 3 * i + 3])]
    assert order(places(rows)) == list(range(len(rows)))


def test_what_is_written_across_the_text_comes_after_it() -> None:
    lines = places(column(200, 900, 100, 20))
    aside = Place("20", 0, outline(60, 200, 90, 900), ((85.0, 900.0), (85.0, 200.0)))
    assert order([aside, *lines]) == list(range(21))


def test_regions_hold_their_lines_and_come_in_order() -> None:
    regions, ordered = in_reading_order(places(PAGES["a note on the right"]()), WIDTH, HEIGHT)
    assert [(region.id, region.kind) for region in regions] == [("r1", "text"), ("r2", "margin")]
    assert [place.order for place in ordered] == list(range(24))
    for region in regions:
        left, top, right, bottom = (*np.min(region.polygon, axis=0), *np.max(region.polygon, axis=0))
        for place in ordered:
            if place.region == region.id:
                x, y = np.array(place.polygon).T
                assert left <= x.min() <= x.max() <= right
                assert top <= y.min() <= y.max() <= bottom


def test_no_line_is_no_region() -> None:
    assert in_reading_order([], WIDTH, HEIGHT) == ((), ())


def test_lines_of_archives_come_in_their_transcribers_order(shared_data: Path) -> None:
    pairs = concordant = 0
    source = plugins.create("source", "xml")
    for file in sorted((shared_data / "latin-pages" / "valid").glob("*.xml")):
        (page,) = source.pages(file)
        known = [replace(place, page=str(i)) for i, (place, _) in enumerate(page.lines) if place]
        ranks = np.array(order(known, seed=1))
        later = np.triu(ranks[:, None] < ranks, 1)
        pairs += len(ranks) * (len(ranks) - 1) // 2
        concordant += int(later.sum())
    assert (2 * concordant - pairs) / pairs >= 0.95


BOXES = st.tuples(
    st.floats(0, 800), st.floats(0, 1300), st.floats(5, 200), st.floats(5, 80)
).map(lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3]))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(BOXES, min_size=1, max_size=30), st.integers(0, 99))
def test_every_line_comes_once_whatever_the_order_it_is_given_in(boxes: list[Box], seed: int) -> None:
    lines = places(boxes)
    once = in_reading_order(lines, WIDTH, HEIGHT)
    assert sorted(place.page for place in once[1]) == sorted(place.page for place in lines)
    again = in_reading_order(random.Random(seed).sample(lines, len(lines)), WIDTH, HEIGHT)
    assert [place.polygon for place in once[1]] == [place.polygon for place in again[1]]
    assert once[0] == again[0]


@pytest.mark.parametrize("what", PAGES)
@pytest.mark.parametrize(("scale", "across", "down"), [(1.0, 250.0, 0.0), (0.3, 0.0, 400.0), (4.0, 17.0, 33.0)])
def test_it_does_not_matter_where_and_how_large_the_writing_is(
    what: str, scale: float, across: float, down: float
) -> None:
    def moved(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        return tuple((scale * x + across, scale * y + down) for x, y in points)

    lines = [replace(one, polygon=moved(one.polygon), baseline=moved(one.baseline)) for one in places(PAGES[what]())]
    assert order(lines) == list(range(len(lines)))
