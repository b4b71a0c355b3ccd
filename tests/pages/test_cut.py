"""A line comes out of its page as it stands there, whatever its polygon."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.errors import ShapeError
from htrkit.geometry import IDENTITY, Outline, mapped
from htrkit.pages.cut import cut, lines_of
from htrkit.types import Failed, Line, Page, Pixels, Place

PAPER, INK = 220, 30
HEIGHT, WIDTH = 200, 300


def page(*dots: tuple[int, int], pixels: Pixels | None = None) -> Page:
    """Paper with dots of three by three pixels."""
    if pixels is None:
        pixels = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    for x, y in dots:
        pixels[y - 1 : y + 2, x - 1 : x + 2] = INK
    return Page("scan.png", Path("scan.png"), 1, pixels)


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def line(on: Page, polygon: Outline, baseline: Outline = ()) -> Line:
    return cut(on, Place("scan.png", 0, polygon, baseline), "scan.png:1")


def dot(pixels: Pixels) -> tuple[float, float]:
    """The middle of the ink."""
    weight = np.clip(float(PAPER) - pixels, 0, None)
    y, x = np.indices(pixels.shape)
    return float((x * weight).sum() / weight.sum()) + 0.5, float((y * weight).sum() / weight.sum()) + 0.5


def test_a_box_is_a_part_of_the_page() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH)).astype(np.uint8)
    found = line(page(pixels=noise), box(20, 30, 120, 70))
    np.testing.assert_array_equal(found.pixels, noise[30:70, 20:120])
    assert found.to_page == ((1, 0, 20), (0, 1, 30))
    assert not np.shares_memory(found.pixels, noise)
    assert found.id == "scan.png:1"


def test_what_lies_outside_the_polygon_is_paper() -> None:
    on = page((25, 32), (110, 60), (60, 50))
    found = line(on, ((20, 50), (60, 30), (120, 30), (120, 50), (80, 70), (20, 70)))
    ink = found.pixels < 100
    assert ink.sum() == 9
    assert mapped(found.to_page, [dot(found.pixels)])[0] == pytest.approx((60.5, 50.5))
    assert set(np.unique(found.pixels)) == {PAPER, INK}


@pytest.mark.parametrize("angle", [5, -20, 45, 90, -90, 120, 150, 180, 185])
def test_a_turned_line_is_set_upright_and_its_points_are_found_again(angle: int) -> None:
    along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    down = np.array([-along[1], along[0]])
    middle = np.array([150.0, 100.0])
    start, end = middle - 60 * along, middle + 60 * along
    polygon = tuple(map(tuple, (start - 15 * down, end - 15 * down, end + 10 * down, start + 10 * down)))
    x, y = np.round(middle + 40 * along - 5 * down).astype(int).tolist()
    found = line(page((x, y)), polygon, (tuple(start), tuple(end)))  # type: ignore[arg-type]
    height, width = found.pixels.shape
    assert abs(height - 25) <= 2
    assert abs(width - 120) <= 2
    assert dot(found.pixels) == pytest.approx((100, 10), abs=2)
    assert mapped(found.to_page, [dot(found.pixels)])[0] == pytest.approx((x + 0.5, y + 0.5), abs=0.3)


@pytest.mark.parametrize(
    "baseline", [((20, 60), (120, 61)), ((120, 60), (20, 62)), ((50, 50),), ((50, 50), (50, 50)), ()]
)
def test_a_line_about_level_is_not_resampled_whichever_way_its_base_line_runs(baseline: Outline) -> None:
    found = line(page((60, 50)), box(20, 30, 120, 70), baseline)
    assert found.to_page == ((1, 0, 20), (0, 1, 30))
    assert found.place is not None
    assert found.place.baseline == baseline


def test_a_polygon_that_crosses_itself_keeps_what_it_goes_around() -> None:
    star = tuple((100 + 60 * math.sin(4 * math.pi * i / 5), 100 - 60 * math.cos(4 * math.pi * i / 5)) for i in range(5))
    found = line(page((100, 100)), star)
    assert (found.pixels < 100).sum() == 9


def test_a_polygon_is_clipped_to_the_page() -> None:
    on = page((3, 3), (296, 196))
    np.testing.assert_array_equal(line(on, box(-50, -50, 1000, 1e9)).pixels, on.pixels)
    assert line(on, box(-10, 150, 100, 230)).pixels.shape == (50, 100)


@pytest.mark.parametrize(
    ("polygon", "why"),
    [
        ((), "fewer than three points"),
        (((1.0, 1.0), (50.0, 50.0), (1.0, 50.0)) * 9_000, "more than 20,000 points"),
        (((1, 1), (50, 50)), "fewer than three points"),
        (box(400, 30, 500, 70), "next to nothing"),
        (box(20, -70, 120, -30), "next to nothing"),
        (box(20, 30, 120, 30), "next to nothing"),
        (box(20, 30, math.nan, 70), "a point that is no number"),
        (box(20, 30, math.inf, 70), "a point that is no number"),
        ("polygon", "no list of points"),
        (None, "no list of points"),
        (((1, 2, 3), (4, 5, 6), (7, 8, 9)), "no list of points"),
        ((("a", "b"), (1, 2), (3, 4)), "no list of points"),
        (((10**400, 2), (1, 2), (3, 4)), "no list of points"),
    ],
)
def test_a_polygon_that_is_none_is_refused(polygon: Outline, why: str) -> None:
    with pytest.raises(ShapeError, match=why):
        line(page(), polygon)


def test_a_base_line_that_is_none_is_refused() -> None:
    with pytest.raises(ShapeError, match="base line has a point that is no number"):
        line(page(), box(20, 30, 120, 70), ((20, math.nan), (120, 60)))


def test_a_turned_line_on_a_page_too_wide_for_opencv_is_refused_and_a_level_one_is_cut() -> None:
    on = page(pixels=np.full((60, 40_000), PAPER, np.uint8))
    assert line(on, box(0, 0, 40_000, 60)).pixels.shape == (60, 40_000)
    with pytest.raises(ShapeError, match="too many to turn a line"):
        line(on, box(0, 0, 40_000, 60), ((10, 10), (20, 50)))


COORDINATES = st.floats(width=32) | st.integers(-50, 350)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), max_size=12)


@settings(deadline=None, max_examples=200)
@given(POINTS, POINTS)
def test_any_polygon_gives_a_line_within_the_page_or_a_refusal(polygon: list, baseline: list) -> None:  # type: ignore[type-arg]
    on = page((60, 50))
    before = on.pixels.copy()
    try:
        found = line(on, tuple(polygon), tuple(baseline))
    except ShapeError:
        return
    height, width = found.pixels.shape
    assert found.pixels.dtype == np.uint8
    assert height * width <= 2 * (HEIGHT + WIDTH) ** 2
    corners = np.array(mapped(found.to_page, box(0, 0, width, height)))
    assert (corners > -WIDTH - HEIGHT).all()
    assert (corners < 2 * (WIDTH + HEIGHT)).all()
    (a, b, _), (c, d, _) = found.to_page
    assert math.hypot(a, c) == pytest.approx(1)
    assert a * d - b * c == pytest.approx(1)
    np.testing.assert_array_equal(on.pixels, before)


def test_a_page_comes_before_its_lines_and_what_fails_keeps_its_place() -> None:
    good, bad = Place("scan.png", 0, box(20, 30, 120, 70)), Place("scan.png", 1, ())
    torn = Failed("torn.png", "cut off")
    whole = Page("word.png", Path("x.png"), 1, page().pixels, lines=((None, None),))
    given = Page("scan.png", Path("x.png"), 1, page().pixels, lines=((good, None), (bad, None), (good, "text")))
    found = list(lines_of([torn, given, whole, Page("empty.png", Path("x.png"), 1, page().pixels)]))
    assert [one.id for one in found] == [
        "torn.png", "scan.png", "scan.png:1", "scan.png:2", "scan.png:3", "word.png", "word.png", "empty.png",
    ]  # fmt: skip
    assert [type(one) for one in found] == [Failed, Page, Line, Failed, Line, Page, Line, Page]
    last = found[6]
    assert isinstance(last, Line)
    assert (last.place, last.to_page) == (None, IDENTITY)
    assert last.pixels is whole.pixels


def test_writing_on_a_slope_reads_like_level_writing() -> None:
    """The ink of a line drawn level, turned with its page, is again where it was."""
    level = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    cv2.putText(level, "slope", (80, 110), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.5, INK, 2, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((150, 100), 12, 1.0)
    sloped = np.asarray(cv2.warpAffine(level, turn, (WIDTH, HEIGHT), borderValue=PAPER), np.uint8)
    corners = np.array(box(70, 60, 230, 130), float) @ turn[:, :2].T + turn[:, 2]
    base = np.array([(80, 110), (220, 110)], float) @ turn[:, :2].T + turn[:, 2]
    found = line(page(pixels=sloped), tuple(map(tuple, corners)), tuple(map(tuple, base)))
    ink, before = found.pixels < 150, level[60:130, 70:230] < 150
    assert ink.sum() == pytest.approx(before.sum(), rel=0.15)
    rows = np.flatnonzero(ink.any(axis=1))
    assert len(rows) == pytest.approx(len(np.flatnonzero(before.any(axis=1))), abs=3)
