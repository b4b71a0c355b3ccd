from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from htrkit.preprocess.deslant import Deslant, slant
from htrkit.readers import open_samples
from htrkit.types import Line, Pixels
from tests.drawing import line, writing


def bars(angle: float, height: int = 60) -> Pixels:
    """Parallel strokes that lean by ``angle`` degrees."""
    pixels = np.full((height, 300), 255, np.uint8)
    for y in range(height):
        start = 120 + math.tan(math.radians(angle)) * (height - 1 - y)
        for x in range(0, 60, 20):
            pixels[y, round(start) + x : round(start) + x + 3] = 20
    return pixels


@pytest.mark.parametrize("angle", [-40, -25, -10, 0, 10, 25, 40])
def test_the_slant_of_strokes_is_found(angle: float) -> None:
    assert slant(bars(angle), 45.0) == pytest.approx(angle, abs=1.5)


@pytest.mark.parametrize("angle", [-40, -10, 25, 40])
def test_strokes_stand_upright_afterwards(angle: float) -> None:
    pixels = Deslant()(Line("", bars(angle))).pixels
    columns = (pixels < 128).mean(axis=0)
    assert columns.max() > 0.9  # a stroke fills its column
    assert 5 < (columns > 0.1).sum() < 22  # three strokes, three pixels wide each
    assert pixels.shape[0] == 60


def test_rows_are_moved_by_parts_of_pixels() -> None:
    y, x = np.indices((80, 120))
    stroke = 255 - 235 * np.exp(-(((x - 40 - 0.3 * (79 - y)) / 2.0) ** 2))  # smooth, so that its place is exact
    ink = 255.0 - Deslant()(Line("", np.rint(stroke).astype(np.uint8))).pixels
    place = (ink * np.arange(ink.shape[1])).sum(axis=1) / ink.sum(axis=1)
    rows = np.arange(80)
    # what is left of the slant is a straight line; rounding to whole pixels would jump by up to half of one
    assert np.abs(place - np.polyval(np.polyfit(rows, place, 1), rows)).max() < 0.1


@pytest.mark.parametrize("tangent", [-0.5, -0.2, 0.2, 0.5])
@pytest.mark.parametrize("text", ["quick brown letters", "Often", "hill"])
def test_writing_is_found_to_lean_by_as_much_more_as_it_was_made_to(text: str, tangent: float) -> None:
    own = math.tan(math.radians(slant(writing(text, noise=2.0), 60.0)))
    leaning = math.tan(math.radians(slant(writing(text, noise=2.0, slant=tangent), 60.0)))
    assert leaning - own == pytest.approx(tangent, abs=0.1)


def test_a_second_time_finds_hardly_any_slant() -> None:
    once = Deslant()(line("quick brown letters", slant=0.3))
    assert abs(slant(once.pixels, 45.0)) < 4.0


def test_the_ink_and_the_paper_are_kept() -> None:
    before = writing("quick brown letters", slant=0.3, noise=0.0)
    after = Deslant()(Line("", before)).pixels
    assert int((255 - after.astype(int)).sum() - (255 - before.astype(int)).sum()) == pytest.approx(
        (255 - int(before.max())) * (after.size - before.size), rel=0.02
    )
    assert after.max() == before.max()
    assert after[0, 0] == after[-1, -1] == before[0, 0]


def test_no_more_than_the_largest_angle_is_looked_for() -> None:
    assert 15.0 < slant(bars(40), 20.0) <= 20.0
    upright = Line("", bars(30))
    assert Deslant(max_angle=0.0)(upright) is upright


@pytest.mark.parametrize("shape", [(1, 50), (50, 50), (400, 3)])
def test_an_image_without_slant_is_left_alone(shape: tuple[int, int]) -> None:
    blank = Line("", np.full(shape, 200, np.uint8))
    assert Deslant()(blank) is blank


def test_a_column_is_not_blown_up_into_a_page() -> None:
    y, x = np.indices((1_000, 200))
    slash = Line("", np.where(abs(x + y - 199) < 10, 20, 230).astype(np.uint8))
    assert slant(slash.pixels, 60.0) > 30.0
    assert Deslant(max_angle=60.0)(slash) is slash


def test_real_lines_are_found_to_lean_by_as_much_more_as_they_were_made_to(shared_data: Path) -> None:
    import cv2

    lines = [s.line.pixels for s in open_samples([shared_data / "iam-lines/valid.tsv"])][::60]
    errors = []
    for pixels in lines:
        height, width = pixels.shape
        move = np.array([[1.0, -0.25, 0.25 * height], [0.0, 1.0, 0.0]])
        leaning = cv2.warpAffine(pixels, move, (width + height // 4 + 1, height), borderValue=int(np.median(pixels)))
        tangents = [math.tan(math.radians(slant(image, 60.0))) for image in (pixels, np.asarray(leaning, np.uint8))]
        errors.append(abs(tangents[1] - tangents[0] - 0.25))
    assert float(np.median(errors)) < 0.04
