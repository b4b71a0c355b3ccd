from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from htrkit.preprocess.invert import Invert
from htrkit.readers import open_samples
from htrkit.types import Line, Pixels
from tests.drawing import WORDS, line, writing


def inverted(pixels: Pixels) -> Pixels:
    return np.asarray(255 - pixels, np.uint8)


@pytest.mark.parametrize("text", [*WORDS, ".", "-", "WWWWW"])
@pytest.mark.parametrize("thickness", [2, 4])
def test_light_ink_on_dark_paper_is_turned_and_dark_ink_is_not(text: str, thickness: int) -> None:
    dark_on_light = line(text, thickness=thickness)
    light_on_dark = Line("", inverted(dark_on_light.pixels))
    assert Invert()(dark_on_light) is dark_on_light
    np.testing.assert_array_equal(Invert()(light_on_dark).pixels, dark_on_light.pixels)


def test_a_word_cut_tightly_is_not_turned() -> None:
    pixels = writing("minimum", thickness=3)
    rows, columns = np.nonzero(pixels < 140)
    tight = Line("", pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    assert Invert()(tight) is tight


@pytest.mark.parametrize("depth", [0.2, 0.5])
def test_a_shadow_over_half_the_paper_is_not_taken_for_ink(depth: float) -> None:
    plain = writing("quick brown letters", noise=2.0)
    shaded = plain.copy()
    half = plain.shape[1] // 2
    shaded[:, :half] = (plain[:, :half] * depth).astype(np.uint8)
    line = Line("", shaded)
    assert Invert()(line) is line
    np.testing.assert_array_equal(Invert()(Line("", inverted(shaded))).pixels, shaded)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_image_is_left_alone(level: int) -> None:
    blank = Line("", np.full((20, 50), level, np.uint8))
    assert Invert()(blank) is blank


def test_real_words_are_told_apart(shared_data: Path) -> None:
    words = [s.line for s in open_samples([shared_data / "iam-lines/valid.words.tsv"])][::5]
    wrong = sum(Invert()(word) is not word for word in words)
    missed = sum(Invert()(turned) is turned for turned in (Line("", inverted(word.pixels)) for word in words))
    assert wrong <= 0.005 * len(words)
    assert missed <= 0.005 * len(words)
