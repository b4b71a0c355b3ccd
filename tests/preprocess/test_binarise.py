"""Otsu and Sauvola."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.preprocess.otsu import Otsu
from htrkit.preprocess.sauvola import Sauvola
from htrkit.types import Line, Pixels
from tests.drawing import writing

STEPS = [Otsu(), Sauvola()]


@pytest.mark.parametrize("step", STEPS)
def test_ink_becomes_0_and_paper_255(step: Otsu | Sauvola) -> None:
    ink = writing("quick brown", noise=0.0) < 137  # halfway between ink and paper
    pixels = step(Line("", writing("quick brown", noise=5.0))).pixels
    assert set(np.unique(pixels)) == {0, 255}
    assert ((pixels == 0) == ink).mean() > 0.97
    assert (pixels[ink] == 0).mean() > 0.8


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_blank_paper_stays_blank(step: Otsu | Sauvola, noise: float) -> None:
    grain = np.random.default_rng(0).normal(200.0, noise, (60, 200)).astype(np.uint8)
    assert (step(Line("", grain)).pixels == 255).mean() > 0.999


def test_a_shadow_defeats_one_threshold_and_not_one_that_follows_the_paper() -> None:
    plain = writing("quick brown letters", noise=0.0)
    shaded = (plain * np.linspace(1.0, 0.15, plain.shape[1])).astype(np.uint8)
    ink = plain < 137
    followed = Sauvola(k=0.15)(Line("", shaded)).pixels == 0
    assert (followed == ink).mean() > 0.95
    assert ((Otsu()(Line("", shaded)).pixels == 0) == ink).mean() < 0.8


def test_a_blot_larger_than_the_window_is_ink_all_through() -> None:
    pixels = np.full((80, 120), 255, np.uint8)
    pixels[10:70, 30:90] = 0
    np.testing.assert_array_equal(Sauvola(window=15)(Line("", pixels)).pixels, pixels)


def sauvola_of_the_paper(pixels: Pixels, window: int, k: float) -> Pixels:
    """The formula, pixel by pixel."""
    reach = window // 2
    padded = np.pad(pixels.astype(np.float64), reach, mode="edge")
    result = np.empty_like(pixels)
    for y, x in np.ndindex(pixels.shape):
        around = padded[y : y + window, x : x + window]
        threshold = around.mean() * (1 + k * (around.std() / 128 - 1))
        result[y, x] = 0 if pixels[y, x] <= threshold else 255
    return result


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 7, 15]), st.floats(0.05, 0.9))
def test_sauvola_is_the_formula_of_the_paper(seed: int, window: int, k: float) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (14, 17), dtype=np.uint8)
    found = Sauvola(window=window, k=k)(Line("", pixels)).pixels
    # sums in single precision may turn a pixel that lies on the threshold
    assert (found != sauvola_of_the_paper(pixels, window, k)).sum() <= 1


def test_a_higher_k_drops_more_faint_ink() -> None:
    line = Line("", writing("faint", ink=150, paper=220))
    inked = [(Sauvola(k=k)(line).pixels == 0).sum() for k in (0.05, 0.2, 0.6)]
    assert inked[0] > inked[1] > inked[2]


def test_an_even_window_counts_as_the_next_odd_one_and_a_vast_one_as_the_whole_image() -> None:
    line = Line("", writing("window"))
    for first, second in ((14, 15), (10**6, 10**12)):
        np.testing.assert_array_equal(Sauvola(window=first)(line).pixels, Sauvola(window=second)(line).pixels)
