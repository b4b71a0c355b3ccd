"""Backgrounds darken paper, and never hide the ink."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.encoders.input import InputRule
from htrkit.training.augment import LINES
from htrkit.training.backgrounds import draw_background, laid_over

RULE = InputRule(height=64, width=None, frames_per_pixel=0.25)


@given(st.integers(1, 90), st.integers(1, 400), st.integers(0, 2**32), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_paper_is_between_white_and_black_and_the_same_for_the_same_seed(
    height: int, width: int, seed: int, shines: bool
) -> None:
    behind = np.random.default_rng(seed).integers(0, 256, (30, 70), dtype=np.uint8) if shines else None
    papers = [draw_background(height, width, np.random.default_rng(seed), behind) for _ in range(2)]
    assert papers[0].shape == (height, width)
    assert papers[0].dtype == np.float32
    assert 0.0 <= papers[0].min() <= papers[0].max() < 1.0
    np.testing.assert_array_equal(papers[0], papers[1])


def test_ink_on_any_paper_is_at_least_as_dark_as_before() -> None:
    rng = np.random.default_rng(0)
    ink = rng.random((64, 300)).astype(np.float32)
    for seed in range(20):
        both = laid_over(ink, draw_background(64, 300, np.random.default_rng(seed)))
        assert (both >= ink - 1e-6).all()
        assert both.max() <= 1.0


@given(st.integers(1, 80), st.integers(1, 600), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_every_disturbance_of_a_line_gives_ink_of_the_networks_height(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels, another = (rng.integers(0, 256, (height, width), dtype=np.uint8) for _ in range(2))
    ink = LINES.draw(pixels, RULE, rng, another)
    assert ink.dtype == np.float32
    assert ink.shape[0] == 64
    assert 0.0 <= ink.min() <= ink.max() <= 1.0


def test_the_images_of_one_batch_become_similarly_wide_those_of_others_not() -> None:
    pixels = np.full((64, 640), 255, np.uint8)
    pixels[20:44, 10:630:4] = 0
    widths = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        look = LINES.of_one_batch(rng)
        widths.append([look.draw(pixels, RULE, rng).shape[1] for _ in range(8)])
    within = np.mean([np.std(batch) for batch in widths])
    assert within < 0.5 * np.std([np.mean(batch) for batch in widths])
