"""A point of a cleaned line maps back to where it was before."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import builtin, plugins
from htrkit.geometry import Affine, mapped
from htrkit.types import Line, Pixels
from tests.drawing import writing

NAMES = [component.name for component in builtin.htrkit_preprocessors()]
TO_PAGE: Affine = ((0.5, 0.0, 300.0), (0.0, 0.5, 70.0))
REACH = 6
LOOKS = st.tuples(st.floats(-0.6, 0.6), st.floats(-0.03, 0.03), st.floats(0.0, 1.0))


def with_dots(slant: float, fall: float, across: float) -> tuple[Pixels, list[tuple[float, float]]]:
    """A leaning, falling line with a dot above it and one below, and their middles: a pixel's is at half past both."""
    pixels = writing("quick brown letters and a jolly garden, why said Maud of hand", slant=slant, noise=2.0)
    width = pixels.shape[1]
    room = int(abs(fall) * width) + 24
    pixels = np.pad(pixels, ((room, room), (30, 30)), constant_values=225)
    move = np.array([[1.0, 0.0, 0.0], [fall, 1.0, -fall * pixels.shape[1] / 2]])
    pixels = np.asarray(cv2.warpAffine(pixels, move, pixels.shape[::-1], borderValue=225), np.uint8)
    height, width = pixels.shape
    centres = [(20 + round(across * (width - 40)), 12), (20 + round((1.0 - across) * (width - 40)), height - 13)]
    for x, y in centres:
        pixels[y - 12 : y + 13, x - 12 : x + 13] = 225
        cv2.circle(pixels, (x, y), 3, 30, -1)
    return pixels, [(x + 0.5, y + 0.5) for x, y in centres]


def ink_near(pixels: Pixels, point: tuple[float, float]) -> tuple[float, float]:
    """The middle of the ink around a point."""
    x, y = (int(coordinate) for coordinate in point)
    assert x >= REACH and y >= REACH  # noqa: PT018
    window = pixels[y - REACH : y + REACH + 1, x - REACH : x + REACH + 1]
    ink = np.clip(200.0 - window, 0.0, None)
    assert ink.sum() > 1_000
    rows, columns = np.indices(window.shape)
    return (
        float((ink * columns).sum() / ink.sum()) + x - REACH + 0.5,
        float((ink * rows).sum() / ink.sum()) + y - REACH + 0.5,
    )


def inverse(affine: Affine) -> Affine:
    (a, b, c), (d, e, f) = np.linalg.inv(np.vstack([affine, (0.0, 0.0, 1.0)]))[:2].tolist()
    return (a, b, c), (d, e, f)


def assert_points_map_back(steps: list[str], look: tuple[float, float, float], within: float) -> None:
    pixels, points = with_dots(*look)
    line = Line("dots", pixels, to_page=TO_PAGE)
    for name in steps:
        line = plugins.create("preprocessor", name)(line)
    for point in points:
        (on_page,) = mapped(TO_PAGE, [point])
        (expected,) = mapped(inverse(line.to_page), [on_page])
        assert ink_near(line.pixels, expected) == pytest.approx(expected, abs=within)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=10)
@given(look=LOOKS)
def test_through_every_step(name: str, look: tuple[float, float, float]) -> None:
    assert_points_map_back([name], look, within=0.3)


@settings(deadline=None, max_examples=60)
@given(steps=st.lists(st.sampled_from(NAMES), max_size=6), look=LOOKS)
def test_through_any_chain(steps: list[str], look: tuple[float, float, float]) -> None:
    assert_points_map_back(steps, look, within=0.8)


def test_the_steps_move_the_points_of_such_lines() -> None:
    pixels, _ = with_dots(0.4, 0.03, 0.2)
    for name in ("deskew", "deslant", "crop"):
        assert plugins.create("preprocessor", name)(Line("", pixels)).to_page != Line("", pixels).to_page
