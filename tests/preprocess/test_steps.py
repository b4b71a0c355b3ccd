"""What every preprocessing step promises, whatever it does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from htrkit import builtin, plugins
from htrkit.contracts import Preprocessor
from htrkit.errors import UsageError
from htrkit.preprocess.steps import build_steps
from htrkit.types import Line, Pixels
from tests.drawing import line, writing

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 60))
NOISE = SHAPES.flatmap(lambda shape: arrays.arrays(np.uint8, shape))
FEW_LEVELS = SHAPES.flatmap(
    lambda shape: arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 127, 128, 254, 255]))
)
BLANK = st.tuples(SHAPES, st.integers(0, 255)).map(lambda drawn: np.full(drawn[0], drawn[1], np.uint8))
ANY_PIXELS = NOISE | FEW_LEVELS | BLANK

NAMES = [component.name for component in builtin.htrkit_preprocessors()]
SAME_SHAPE = ["border", "contrast", "invert", "otsu", "sauvola"]
IDEMPOTENT = ["invert", "otsu", "sauvola"]
UNUSUAL = {
    "one pixel": np.full((1, 1), 7, np.uint8),
    "one row": np.arange(200, dtype=np.uint8)[None],
    "one column": np.arange(200, dtype=np.uint8)[:, None],
    "four rows": np.array([[200], [10], [200], [200]], np.uint8),
    "blank": np.full((30, 90), 255, np.uint8),
    "black": np.zeros((30, 90), np.uint8),
    "very wide": np.tile(writing("very wide"), (1, 120)),
    "very high": np.tile(writing("high"), (150, 1)),
    "large": np.tile(writing("large", noise=0.0), (30, 20)),
}


def step(name: str) -> Preprocessor:
    made: Preprocessor = plugins.create("preprocessor", name)
    return made


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=60)
@given(pixels=ANY_PIXELS)
def test_any_image_becomes_an_image_under_the_same_id(name: str, pixels: Pixels) -> None:
    before = pixels.copy()
    result = step(name)(Line("a.png", pixels))
    assert result.id == "a.png"
    assert result.pixels.dtype == np.uint8
    assert result.pixels.ndim == 2
    assert min(result.pixels.shape) >= 1
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_images_do_no_harm(name: str, kind: str) -> None:
    result = step(name)(Line(kind, UNUSUAL[kind]))
    assert result.pixels.dtype == np.uint8
    assert min(result.pixels.shape) >= 1


@pytest.mark.parametrize("name", SAME_SHAPE)
@settings(deadline=None, max_examples=30)
@given(pixels=ANY_PIXELS)
def test_steps_that_change_values_alone_keep_the_shape(name: str, pixels: Pixels) -> None:
    assert step(name)(Line("", pixels)).pixels.shape == pixels.shape


@pytest.mark.parametrize("name", IDEMPOTENT)
@settings(deadline=None, max_examples=60)
@given(pixels=ANY_PIXELS)
def test_a_second_time_changes_nothing_where_that_is_promised(name: str, pixels: Pixels) -> None:
    once = step(name)(Line("", pixels))
    np.testing.assert_array_equal(step(name)(once).pixels, once.pixels)


@pytest.mark.parametrize("name", NAMES)
def test_ink_stays_darker_than_paper(name: str) -> None:
    pixels = step(name)(line("Often quick", slant=0.3)).pixels
    assert np.median(pixels) > 200  # paper
    assert np.percentile(pixels, 1) < 100  # ink


@pytest.mark.parametrize("name", NAMES)
def test_the_same_image_gives_the_same_result_in_memory_order_or_not(name: str) -> None:
    pixels = writing("memory")
    strided = np.asfortranarray(pixels)
    np.testing.assert_array_equal(step(name)(Line("", pixels)).pixels, step(name)(Line("", strided)).pixels)


def test_steps_are_built_from_names_and_options() -> None:
    first, second = build_steps(["otsu", "sauvola:k=0.5:window=31"])
    assert (first.name, type(first.preprocessor).__name__) == ("otsu", "Otsu")
    assert (second.preprocessor.k, second.preprocessor.window) == (0.5, 31)  # type: ignore[attr-defined]
    assert build_steps([]) == []


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("otsuu", "did you mean 'otsu'"),
        ("sauvola:kk=1", "no option 'kk'"),
        ("sauvola:k=wide", "k"),
        ("sauvola:k=0", r"'k' of preprocessor 'sauvola' is 0\.0; it takes 0\.01 to 1"),
        ("sauvola:window=2", "it takes 0, or 3 and more"),
        ("deslant:max_angle=89", "it takes 0 to 70"),
        ("crop:margin=inf", "it takes 0 and more"),
        ("crop:speck=2", "it takes 0 to 1"),
        ("contrast:ink=-1", "it takes 0 to 100"),
    ],
)
def test_a_step_or_option_that_does_not_fit_is_refused(spec: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        build_steps([spec])
