"""Segmenters find lines; one that fails on a page, or gives no page, costs that page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from htrkit import plugins
from htrkit.pages import segmenters
from htrkit.pages.segmenters import PerImage, segmented
from htrkit.types import Failed, Page, Place, Region

BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))
PAGES = [Page(f"{name}.png", Path(f"{name}.png"), 1, np.full((9, 9), 255, np.uint8)) for name in ("a", "b", "c")]


def test_without_a_segmenter_a_page_is_one_line_unless_it_says_where_its_lines_are() -> None:
    whole = plugins.create("segmenter", "none")
    assert whole.segment(PAGES[0]).lines == ((None, None),)
    told = replace(PAGES[0], lines=((Place("a.png", 0, BOX), "text"),))
    assert whole.segment(told) is told
    empty = replace(PAGES[0], regions=(Region("r1", "text", BOX),))
    assert whole.segment(empty) is empty


def test_in_threads_pages_keep_their_order_and_the_segmenter_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    class Slow:
        def __init__(self) -> None:
            made.append(self)

        def segment(self, page: Page) -> Page:
            time.sleep(0.01 * (page.number % 3))
            return replace(page, lines=((Place("", 0, BOX), str(page.number)),))

    monkeypatch.setattr(segmenters, "is_page", lambda _: True)
    monkeypatch.setattr(segmenters.Spec, "create", lambda _: Slow())
    pages = [replace(PAGES[0], number=number) for number in range(20)]
    found = list(segmented(PerImage("slow"), "slow", pages, threads=4))
    assert [page.lines[0][1] for page in found if isinstance(page, Page)] == [str(number) for number in range(20)]
    assert len(made) == 1


def test_lines_come_in_the_order_of_the_segmenter_and_all_else_stays() -> None:
    class Careless:
        def segment(self, page: Page) -> Page:
            places = [Place("other.png", 7, BOX, region=name) for name in ("second", "first")]
            return Page("other.png", Path("x"), 5, page.pixels[:3], lines=tuple((place, None) for place in places))

    (found,) = segmented(Careless(), "careless", PAGES[:1])
    assert isinstance(found, Page)
    assert [(place.page, place.order, place.region) for place, _ in found.lines if place] == [
        ("a.png", 0, "second"),
        ("a.png", 1, "first"),
    ]
    assert (found.id, found.source, found.number) == ("a.png", Path("a.png"), 1)
    assert found.pixels is PAGES[0].pixels


def failing() -> object:
    raise ValueError("no paper")


def leaving() -> object:
    raise SystemExit(3)


DEEDS: dict[str, tuple[Callable[[], object], str]] = {
    "raises": (failing, "raised ValueError: no paper"),
    "leaves": (leaving, "raised SystemExit: 3"),
    "gives nothing": (lambda: None, "gave None instead of a page"),
    "gives lines": (lambda: ["line"], "gave ['line'] instead of a page"),
    "gives polygons": (
        lambda: replace(PAGES[1], lines=(BOX,)),  # type: ignore[arg-type]
        "gave a page whose regions or lines are none",
    ),
    "gives no regions": (
        lambda: replace(PAGES[1], regions=None),  # type: ignore[arg-type]
        "gave a page whose regions or lines are none",
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_page_on_which_a_segmenter_fails_costs_no_other(deed: str) -> None:
    act, reason = DEEDS[deed]

    class Hostile:
        def segment(self, page: Page) -> Page:
            return act() if page.id == "b.png" else page  # type: ignore[return-value]

    torn = Failed("torn.png", "cut off")
    found = list(segmented(Hostile(), "hostile", [torn, *PAGES]))
    assert [one.id for one in found] == ["torn.png", "a.png", "b.png", "c.png"]
    assert isinstance(found[2], Failed)
    assert found[2].reason == f"segmenter 'hostile' {reason}"
    assert [isinstance(one, Page) for one in found] == [False, True, False, True]
