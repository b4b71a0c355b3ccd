"""Lines from fonts: the right letters, never quite the same twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fontTools", reason="the tests build their own font with fonttools")

from fontTools.ttLib import TTFont

from htrkit.errors import InputError, UsageError
from htrkit.synth.fonts import EM, Font, Hand, find_fonts, write_line
from tests.synth.written import write_font

STEADY = Hand(baseline=0, drift=0, size=0, slant=0, turn=0, warp=0, gap=0)


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Font:
    return Font(write_font(tmp_path_factory.mktemp("fonts") / "blocks.ttf"))


def test_it_knows_which_characters_it_lacks(font: Font) -> None:
    assert font.covers("a few words")
    assert not font.covers("a few Words")
    assert not font.covers("fünf")


def test_a_steady_hand_writes_the_glyphs_where_the_font_puts_them(font: Font) -> None:
    ink = write_line("ab ba", font, np.random.default_rng(0), STEADY)
    assert 0.0 <= ink.min() <= ink.max() <= 1.0
    columns = np.flatnonzero((ink > 0.5).any(axis=0))
    strokes = 1 + np.count_nonzero(np.diff(columns) > 1)
    assert strokes == 2 * len("abba")
    # from the first stroke to the last: four advances and a letter
    assert columns[-1] - columns[0] == pytest.approx((4 * 0.5 + 0.36) * EM, abs=4)


def test_the_same_letter_differs_within_a_line_and_from_line_to_line_but_not_from_run_to_run(font: Font) -> None:
    first, again, other = (write_line("aaaa", font, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)
    columns = np.flatnonzero((first > 0.3).any(axis=0))
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > 8) + 1)
    sums = {round(float(first[:, part].sum()), 2) for part in parts}
    assert len(sums) > 2


def test_fonts_are_found_in_folders_and_what_is_none_is_refused(font: Font, tmp_path: Path) -> None:
    assert [found.path for found in find_fonts([font.path.parent, font.path])] == [font.path]
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    with pytest.raises(InputError, match=r"bad\.ttf"):
        find_fonts([tmp_path])
    with pytest.raises(UsageError, match="holds no font"):
        find_fonts([tmp_path / "nothing"])


def test_letters_of_a_size_that_no_letter_has_are_refused(tmp_path: Path) -> None:
    path = write_font(tmp_path / "huge.ttf")
    with TTFont(path) as font:
        font["head"].unitsPerEm = 16  # they were drawn for 1000
        font.save(path)
    with pytest.raises(InputError, match=r"huge\.ttf is damaged"):
        write_line("ab", Font(path), np.random.default_rng(0))
    with pytest.raises(InputError, match=r"huge\.ttf is damaged"):
        Font(path).covers("ab")


def test_a_line_that_is_longer_than_any_is_refused(tmp_path: Path) -> None:
    path = write_font(tmp_path / "wide.ttf")
    with TTFont(path) as font:
        for name, (_, left) in font["hmtx"].metrics.items():
            font["hmtx"].metrics[name] = (5000, left)
        font.save(path)
    with pytest.raises(InputError, match=r"wide\.ttf is damaged: 72 letters are 3\d\d times as long as high"):
        write_line("ab " * 24, Font(path), np.random.default_rng(0))
