from __future__ import annotations

import numpy as np
import pytest

from htrkit.preprocess.contrast import Contrast
from htrkit.types import Line
from tests.drawing import writing


@pytest.mark.parametrize(("ink", "paper"), [(10, 250), (90, 140), (180, 230), (20, 60)])
def test_ink_becomes_black_and_paper_white_whatever_they_were(ink: int, paper: int) -> None:
    pixels = Contrast()(Line("", writing("Often quick", ink=ink, paper=paper, noise=1.0))).pixels
    assert np.median(pixels) > 245
    assert np.percentile(pixels, 2) < 20


def test_a_shadow_across_the_paper_fades() -> None:
    plain = writing("quick brown letters", noise=0.0)
    light = np.linspace(1.0, 0.4, plain.shape[1])
    shaded = (plain * light).astype(np.uint8)
    pixels = Contrast()(Line("", shaded)).pixels
    ink = plain < 100
    assert np.median(pixels[ink]) < 60
    for side in (np.s_[:, :60], np.s_[:, -60:]):
        assert np.median(pixels[side][~ink[side]]) > 235


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_blank_paper_becomes_white_and_not_speckle(noise: float) -> None:
    grain = np.random.default_rng(0).normal(200.0, noise, (40, 200))
    assert (Contrast()(Line("", grain.astype(np.uint8))).pixels == 255).all()


def test_more_ink_is_blackened_by_a_higher_percentile() -> None:
    line = Line("", writing("Often quick"))
    assert Contrast(ink=60.0)(line).pixels.mean() < Contrast(ink=5.0)(line).pixels.mean()
