"""The steps of htrkit-historical, through htrkit's plugin host, on lines drawn here."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from htrkit import Line, UsageError, plugins

NAMES = ("bleed-through", "wolf", "nick")
PAPER, INK, FAINT = 225, 45, 150

Mask = NDArray[np.bool_]


def strokes(text: str, *, mirrored: bool = False) -> Mask:
    """Where the strokes of a text lie on a line of 64 x 420 pixels."""
    canvas = np.zeros((64, 420), np.uint8)
    cv2.putText(canvas, text, (12, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 4, cv2.LINE_8)
    return (canvas[:, ::-1] if mirrored else canvas) > 0


def line(pixels: NDArray[np.generic]) -> Line:
    soft = cv2.GaussianBlur(np.clip(pixels, 0, 255).astype(np.uint8), (0, 0), 0.6)
    return Line("drawn", np.asarray(soft, dtype=np.uint8))


def on_paper(ink: Mask, faint: Mask | None = None) -> NDArray[np.float64]:
    page = np.full(ink.shape, float(PAPER))
    if faint is not None:
        page[faint] = FAINT
    page[ink] = INK
    return page


def core(mask: Mask) -> Mask:
    """The mask without its rim, where strokes are soft."""
    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def run(name: str, what: Line, **options: object) -> Line:
    done: Line = plugins.create("preprocessor", name, **options)(what)
    return done


def test_writing_of_the_back_goes_and_writing_of_the_front_stays() -> None:
    front, back = strokes("Dear Madam"), strokes("nettirw", mirrored=True)
    given_line = line(on_paper(front, back))
    done = run("bleed-through", given_line)
    away = core(back) & (cv2.dilate(front.astype(np.uint8), np.ones((19, 19), np.uint8)) == 0)
    assert away.sum() > 300
    assert np.mean(done.pixels[away] > PAPER - 15) > 0.98
    assert np.array_equal(done.pixels[core(front)], given_line.pixels[core(front)])


def test_bleed_through_is_removed_from_a_whole_page_in_the_shade() -> None:
    front, back = (np.tile(strokes("Dear Madam", mirrored=mirrored), (10, 2)) for mirrored in (False, True))
    shade = np.linspace(1.0, 0.7, front.shape[1])
    given_line = line(on_paper(front, back) * shade)
    done = run("bleed-through", given_line)
    away = core(back) & (cv2.dilate(front.astype(np.uint8), np.ones((19, 19), np.uint8)) == 0)
    assert away.sum() > 300
    assert np.mean((done.pixels > (PAPER - 20) * shade)[away]) > 0.95
    assert np.array_equal(done.pixels[core(front)], given_line.pixels[core(front)])


def test_without_bleed_through_the_writing_stays_as_it_is() -> None:
    front = strokes("Dear Madam")
    given_line = line(on_paper(front))
    assert np.abs(run("bleed-through", given_line).pixels.astype(int) - given_line.pixels).max() <= 20


def test_a_stroke_that_fades_is_kept_near_its_dark_part() -> None:
    page = np.full((64, 200), float(PAPER))
    page[30:35, 40:100], page[30:35, 100:106], page[30:35, 150:190] = INK, FAINT, FAINT
    done = run("bleed-through", line(page))
    assert np.all(done.pixels[31:34, 101:105] < FAINT + 20)
    assert np.all(done.pixels[31:34, 155:185] > PAPER - 15)


@pytest.mark.parametrize("name", ["wolf", "nick"])
def test_local_thresholds_find_ink_in_light_and_shadow(name: str) -> None:
    front = strokes("Dear Madam")
    shade = np.linspace(1.0, 0.35, front.shape[1])
    pixels = line(on_paper(front) * shade).pixels
    # One threshold for the whole line cannot: the paper in the shadow is as dark as light ink.
    _, otsu = cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    paper = cv2.dilate(front.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    assert np.mean(otsu[paper] == 0) > 0.1
    done = run(name, Line("shadow", pixels)).pixels
    assert set(np.unique(done)) == {0, 255}
    assert np.mean(done[core(front)] == 0) > 0.98
    assert np.mean(done[paper] == 255) > 0.98


@pytest.mark.parametrize("name", ["wolf", "nick"])
def test_grey_keeps_the_ink_as_it_was(name: str) -> None:
    given_line = line(on_paper(strokes("Dear Madam")))
    black, grey = run(name, given_line).pixels, run(name, given_line, grey=True).pixels
    assert np.array_equal(grey == 255, black == 255)
    assert np.array_equal(grey[black == 0], given_line.pixels[black == 0])


def test_larger_k_of_nick_keeps_less() -> None:
    faint = line(on_paper(strokes("Dear Madam"), strokes("nettirw", mirrored=True)))
    ink = [(run("nick", faint, k=k).pixels == 0).sum() for k in (0.05, 0.1, 0.2, 0.4)]
    assert ink == sorted(ink, reverse=True)
    assert ink[0] > ink[-1]


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=40), elements=st.integers(0, 255)),
    st.sampled_from(NAMES),
)
def test_any_image_goes_through_every_step(pixels: NDArray[np.uint8], name: str) -> None:
    before = pixels.copy()
    done = run(name, Line("any", pixels))
    assert done.id == "any"
    assert done.pixels.dtype == np.uint8
    assert done.pixels.shape == pixels.shape
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_even_image_gains_no_ink(name: str, grey: int) -> None:
    done = run(name, Line("even", np.full((32, 90), grey, np.uint8))).pixels
    assert np.all(done >= grey)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("bleed-through", {"certain": 0.2, "faint": 0.5}),
        ("bleed-through", {"reach": -1.0}),
        ("bleed-through", {"reach": float("inf")}),
        ("wolf", {"k": 2.0}),
        ("wolf", {"window": 0.0}),
        ("nick", {"k": -0.2}),
        ("nick", {"window": 100.0}),
    ],
)
def test_options_that_make_no_sense_are_refused(name: str, options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        plugins.create("preprocessor", name, **options)
