from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from htrkit.preprocess.border import Border
from htrkit.preprocess.ink import dark
from htrkit.readers import open_samples
from htrkit.types import Line, Pixels
from tests.drawing import WORDS, writing

TEXT = "quick brown letters and jolly"
SIDES = ("top", "bottom", "left", "right")


def without(pixels: Pixels) -> Pixels:
    return Border()(Line("", pixels)).pixels


def banded(pixels: Pixels, thickness: int, *sides: str, ink: int = 20) -> Pixels:
    """The image with bands beside it."""
    top, bottom, left, right = (thickness if side in sides else 0 for side in SIDES)
    return np.pad(pixels, ((top, bottom), (left, right)), constant_values=ink)


def assert_gone(cleaned: Pixels, plain: Pixels, thickness: int, *sides: str) -> None:
    """The bands are paper, and what is beside them is as it was."""
    top, bottom, left, right = (thickness if side in sides else 0 for side in SIDES)
    height, width = plain.shape
    place = np.s_[top : top + height, left : left + width]
    np.testing.assert_array_equal(cleaned[place][2:-2, 2:-2], plain[2:-2, 2:-2])
    outside = np.ones(cleaned.shape, bool)
    outside[place] = False
    assert np.abs(cleaned[outside].astype(int) - 225).max() <= 15
    assert cleaned.shape == (height + top + bottom, width + left + right)


@pytest.mark.parametrize("thickness", [1, 2, 4])
@pytest.mark.parametrize("text", [TEXT, "garden", "Zebra"])
def test_a_frame_is_taken_away(text: str, thickness: int) -> None:
    plain = writing(text)
    assert_gone(without(banded(plain, thickness, *SIDES)), plain, thickness, *SIDES)


@pytest.mark.parametrize("thickness", [8, 14])
@pytest.mark.parametrize("sides", [("left",), ("bottom",), ("top", "right"), SIDES])
@pytest.mark.parametrize("text", [TEXT, "garden"])
def test_a_black_strip_is_taken_away(text: str, sides: tuple[str, ...], thickness: int) -> None:
    plain = writing(text)
    assert_gone(without(banded(plain, thickness, *sides)), plain, thickness, *sides)


@pytest.mark.parametrize("side", ["top", "bottom"])
def test_a_thin_line_along_a_line_of_writing_is_taken_away(side: str) -> None:
    plain = writing(TEXT)
    assert_gone(without(banded(plain, 2, side)), plain, 2, side)


@pytest.mark.parametrize("degrees", [-0.5, 0.5])
def test_a_frame_may_be_turned_a_little_and_have_paper_around_it(degrees: float) -> None:
    plain = np.pad(banded(writing(TEXT), 3, *SIDES), 5, constant_values=225)
    turn = cv2.getRotationMatrix2D((plain.shape[1] / 2, plain.shape[0] / 2), degrees, 1.0)
    turned = np.asarray(cv2.warpAffine(plain, turn, plain.shape[::-1], borderValue=225), np.uint8)
    cleaned = without(turned)
    assert (turned[:16] < 100).mean() > 0.1
    assert (cleaned[:16] < 100).sum() + (cleaned[-16:] < 100).sum() == 0
    inside = np.s_[20:-20, 20:-20]
    np.testing.assert_array_equal(cleaned[inside], turned[inside])


def test_a_letter_that_touches_the_frame_keeps_its_own_ink() -> None:
    plain = writing(TEXT, noise=0.0)
    plain[:, 100:104] = 50
    cleaned = without(banded(plain, 3, *SIDES))
    assert (cleaned[6:-6, 103:107] == 50).all()


def test_the_paper_is_painted_as_bright_as_it_is_there() -> None:
    shade = np.linspace(1.0, 0.5, writing(TEXT).shape[1])
    plain = (writing(TEXT, noise=0.0) * shade).astype(np.uint8)
    cleaned = without(banded(plain, 4, *SIDES))
    assert np.abs(cleaned[1, 4:-4].astype(int) - plain[1]).max() <= 2


def tight(pixels: Pixels) -> Pixels:
    """Cut to the ink, so that letters touch the edges."""
    rows, columns = np.nonzero(dark(pixels))
    return np.ascontiguousarray(pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


@pytest.mark.parametrize(
    "text", [*WORDS, TEXT, "I", "l", "T", "E", "|", "-", "=", "ll", "It", "HI", "TE", "let us see"]
)
@pytest.mark.parametrize("thickness", [2, 4, 6])
@pytest.mark.parametrize("font", [cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX])
def test_letters_stay_where_they_touch_the_edges(text: str, thickness: int, font: int) -> None:
    (width, above), below = cv2.getTextSize(text, font, 2.0, thickness)
    page = np.full((above + below + 40, width + 40), 225, np.uint8)
    cv2.putText(page, text, (20, 20 + above), font, 2.0, 40, thickness, cv2.LINE_AA)
    for pixels in (page, tight(page)):
        assert without(pixels) is pixels


def underlined() -> Pixels:
    pixels = writing(TEXT)
    pixels[-12:-9, 20:-20] = 50
    return pixels


def struck_out() -> Pixels:
    pixels = writing(TEXT)
    pixels[30:33] = 50
    return pixels


def shaded() -> Pixels:
    return (writing(TEXT) * np.clip(np.linspace(0.1, 4.0, writing(TEXT).shape[1]), 0.0, 1.0)).astype(np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [
        underlined(),
        struck_out(),
        shaded(),
        banded(np.full((60, 500), 225, np.uint8), 4, *SIDES),
        banded(writing("Often"), 3, "bottom"),
        banded(writing(TEXT), 2, "left"),
    ],
    ids=["underlined", "struck out", "a shadow", "no writing", "a thin line by a word", "a thin line beside"],
)
def test_what_may_belong_to_the_writing_stays(pixels: Pixels) -> None:
    assert without(pixels) is pixels


def test_real_lines_and_words_are_left_alone(shared_data: Path) -> None:
    for table in ("valid.tsv", "valid.words.tsv"):
        lines = [sample.line for sample in open_samples([shared_data / "iam-lines" / table])][::7]
        assert sum(Border()(line) is not line for line in lines) <= 1  # one of them does have a rule below it
        cut = [Line("", tight(line.pixels)) for line in lines if dark(line.pixels).any()]
        assert sum(Border()(line) is not line for line in cut) <= 1
