"""The kits for sources and segmenters: they let right ones pass and catch each kind of wrong one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from htrkit import InputError
from htrkit.geometry import Outline
from htrkit.pages.images import Images
from htrkit.pages.segmenters import Whole
from htrkit.testing import NonconformityError, check_segmenter, check_source
from htrkit.types import Failed, Page, Place, Region
from tests import drawing


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return drawing.save(tmp_path / "page.png", drawing.writing("Often"))


def test_htrkits_own_keep_the_contract(image: Path) -> None:
    check_source(Images, image)
    check_segmenter(Whole)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda page: [], "pages gives no page of"),
        (lambda page: [None], "pages gave None instead of a page"),
        (lambda page: [replace(page, pixels=page.pixels / 2)], "gave a page whose pixels are of type float64"),
        (lambda page: [page, replace(page, number=2)], "two pages of .* have one id"),
        (lambda page: [replace(page, number=0)], r"the pages have the numbers \[0\], which do not count from 1"),
        (lambda page: [replace(page, source=Path("x"))], "a page's source is not"),
        (lambda page: [replace(page, id=str(next(TIMES)))], "pages gives something else the second time"),
        (lambda page: [replace(page, lines=(5,))], "gave a page whose regions or lines are none"),
        (lambda page: iter(page.pixels), "pages gave .* instead of a page"),
    ],
)
def test_wrong_pages_are_caught(image: Path, spoil: Any, says: str) -> None:
    class Spoilt(Images):
        def pages(self, path: Path) -> Iterator[Page]:
            (page,) = super().pages(path)
            yield from spoil(page)

    with pytest.raises(NonconformityError, match=says):
        check_source(Spoilt, image)


def test_answers_of_a_source_to_junk_are_checked(image: Path) -> None:
    class Deaf(Images):
        def accepts(self, path: Path) -> Any:
            return "yes"

    class Curious(Images):
        def accepts(self, path: Path) -> Any:
            return len(path.read_bytes()) > 0

    class Careless(Images):
        def pages(self, path: Path) -> Iterator[Page]:
            try:
                yield from super().pages(path)
            except InputError as error:
                raise ValueError("not mine") from error

    class Forgetful(Images):
        def pages_from(self, path: Path, number: int) -> Iterator[Page | Failed]:
            return super().pages_from(path, 1)

    for source, says in (
        (Forgetful, "pages_from gives other pages than pages does"),
        (Deaf, "accepts does not know"),
        (Curious, "accepts raised FileNotFoundError: .* on no file"),
        (Careless, "pages raised ValueError: not mine on no file, instead of InputError"),
    ):
        with pytest.raises(NonconformityError, match=says):
            check_source(source, image)


SQUARE: Outline = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


TIMES = itertools.count()


def line(on: Page, /, **changes: Any) -> Page:
    """A page with one line in a corner, and changes to its place."""
    return replace(on, lines=((replace(Place(on.id, 0, SQUARE), **changes), None),))


@pytest.mark.parametrize(
    ("segment", "says"),
    [
        (lambda page: None, "segment gave None instead of a page on a page of three lines"),
        (lambda page: page, "segment finds no line on a page of three lines"),
        (lambda page: 1 / 0, "segment raised ZeroDivisionError: division by zero on a page of three lines"),
        (lambda page: replace(page, lines=(5,)), "gave a page whose regions or lines are none"),
        (lambda page: line(replace(page, id="other")), "segment gives another page"),
        (lambda page: line(replace(page, pixels=255 - page.pixels)), "segment gives another page"),
        (lambda page: line(page, page="other"), "line 0 says that it stands on 'other', not 'page.png'"),
        (lambda page: line(page, order=4), "line 0 has the order 4"),
        (lambda page: line(page, region="r7"), "line 0 belongs to no region 'r7'"),
        (lambda page: line(page, polygon=SQUARE[:2]), "the polygon of line 0 has 2 points, fewer than 3"),
        (
            lambda page: line(page, polygon=((0.0, 0.0), (9e4, 0.0), (0.0, 1.0))),
            "the polygon of line 0 leaves the page",
        ),
        (lambda page: line(page, polygon=((0.0, 0.0), (math.nan, 0.0), (0.0, 1.0))), "leaves the page"),
        (lambda page: line(page, polygon=(1.0, 2.0, 3.0)), "the polygon of line 0 is no list of points"),
        (lambda page: line(page, baseline=((0.0, 0.0),)), "the base line of line 0 has 1 points, fewer than 2"),
        (lambda page: replace(line(page), regions=(Region("a", "", SQUARE),) * 2), "the ids of the regions are"),
        (lambda page: replace(line(page), regions=(Region("a", "", ()),)), "the polygon of region 'a' has 0 points"),
        (lambda page: line(page, polygon=((0.0, 0.0), (1 / (2 + next(TIMES)), 0.0), (0.0, 1.0))), "the second time"),
    ],
)
def test_wrong_segmentations_are_caught(segment: Any, says: str) -> None:
    class Spoilt:
        def segment(self, page: Page) -> Page:
            return segment(page)  # type: ignore[no-any-return]

    with pytest.raises(NonconformityError, match=says):
        check_segmenter(Spoilt)


def test_a_segmenter_that_paints_on_the_page_is_caught() -> None:
    class Painter(Whole):
        def segment(self, page: Page) -> Page:
            page.pixels[0] = 0
            return super().segment(page)

    with pytest.raises(NonconformityError, match="segment writes into its input"):
        check_segmenter(Painter)
