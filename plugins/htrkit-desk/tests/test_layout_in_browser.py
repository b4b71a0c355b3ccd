"""Editing where lines stand, in headless Chromium: with the mouse and with keys, all of it undone again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="drives the browser")
from desk_in_browser import TEXTS, Hands, describe, draw
from selenium.webdriver.common.action_chains import ActionChains

LINES = list(TEXTS[0])


@pytest.fixture
def hands(tmp_path: Path, sit_at: Callable[[Path], Hands]) -> Hands:
    describe(draw(tmp_path, "page-1.png", LINES), LINES)
    hands = sit_at(tmp_path)
    hands.click("#layout")
    return hands


def outlines(hands: Hands) -> list[str]:
    return list(
        hands.script("[...document.querySelectorAll('#board .line polygon')].map((p) => p.getAttribute('points'))")
    )


def undone(hands: Hands) -> bool:
    """Whether, after one step back, the page is as it was drawn; the step is saved and outlives a reload before."""
    hands.saved()
    hands.open()
    hands.press("Ctrl+z")
    hands.saved()
    return hands.lines() == LINES and len(set(outlines(hands))) == len(LINES)


def on_page(hands: Hands, x: float, y: float) -> tuple[int, int]:
    """Where a point of the page is on the board, from its middle."""
    at: Any = hands.script(
        "(([x, y]) => { const m = document.querySelector('#board > g').getCTM();"
        " const b = document.getElementById('board').getBoundingClientRect();"
        " return [m.a * x + m.e - b.width / 2, m.d * y + m.f - b.height / 2] })(arguments[0])",
        [x, y],
    )
    return round(at[0]), round(at[1])


def click_at(hands: Hands, x: float, y: float) -> None:
    board = hands.one("#board")
    ActionChains(hands.browser, duration=0).move_to_element_with_offset(board, *on_page(hands, x, y)).click().perform()


def test_a_point_is_dragged_and_moved_with_keys(hands: Hands) -> None:
    before = outlines(hands)
    handle = hands.all(".handle.polygon[tabindex]")[0]
    ActionChains(hands.browser, duration=20).drag_and_drop_by_offset(handle, -12, 9).perform()
    dragged = outlines(hands)
    assert [a == b for a, b in zip(before, dragged, strict=True)] == [False, True, True, True]
    hands.press("Right", "Right")
    x, y = (float(value) for value in dragged[0].split()[0].split(","))
    assert outlines(hands)[0].split()[0] == f"{x + 2:g},{y:g}"
    hands.press("Ctrl+z")
    assert outlines(hands) == dragged
    assert undone(hands)
    assert outlines(hands) == before


def test_points_are_added_and_taken_away_with_keys(hands: Hands) -> None:
    def points(kind: str) -> list[str]:
        return str(hands.script(f"document.querySelector('#board .line.chosen {kind}').getAttribute('points')")).split()

    for kind, handle in (("polyline", "baseline"), ("polygon", "polygon")):
        before = points(kind)
        hands.script(f"document.querySelector('.handle.{handle}[tabindex]').focus()")
        hands.press("Insert")
        (x1, y1), (x2, y2) = (map(float, one.split(",")) for one in before[:2])
        assert points(kind) == [before[0], f"{(x1 + x2) / 2:g},{(y1 + y2) / 2:g}", *before[1:]]
        hands.script(f"document.querySelectorAll('.handle.{handle}[tabindex]')[1].focus()")
        hands.press("Down", "Down")
        assert points(kind)[1] == f"{(x1 + x2) / 2:g},{(y1 + y2) / 2 + 2:g}"
        hands.press("Delete")
        assert points(kind) == before
    hands.saved()


def test_a_line_is_split_where_one_clicks_and_merged_again(hands: Hands) -> None:
    hands.click("#layout-split")
    click_at(hands, 400, 120)
    assert hands.lines() == ["The boat", "came on Tuesday", *LINES[1:]]
    hands.click("#layout-merge")
    assert hands.lines() == LINES
    hands.press("Ctrl+z")
    assert hands.lines()[:2] == ["The boat", "came on Tuesday"]
    assert undone(hands)


def test_a_line_is_drawn_and_deleted(hands: Hands) -> None:
    hands.click("#layout-draw")
    click_at(hands, 100, 190)
    click_at(hands, 600, 195)
    hands.press("Enter")
    assert hands.lines() == [LINES[0], "–", *LINES[1:]]
    assert hands.states()[1] == "empty"
    hands.saved()
    hands.until(lambda: "l_" in str(hands.one("#cut").get_attribute("src")))
    hands.press("Delete")
    assert hands.lines() == LINES
    hands.press("Ctrl+z", "Ctrl+z")
    assert hands.lines() == LINES
    hands.saved()


def test_keys_suffice(hands: Hands) -> None:
    hands.script("document.getElementById('board').focus()")
    hands.press("s", "Enter")
    assert len(hands.lines()) == len(LINES) + 1
    hands.press("m")
    assert hands.lines() == LINES
    hands.press("Alt+Down")
    assert hands.lines() == [LINES[1], LINES[0], *LINES[2:]]
    hands.press("d", "space", "Shift+Right", "Shift+Right", "space", "Enter")
    assert len(hands.lines()) == len(LINES) + 1
    hands.press("Escape")
    assert not hands.all("#layout-tools")
    hands.press(*["Ctrl+z"] * 4)
    assert hands.lines() == LINES
    hands.saved()


def test_a_deleted_line_comes_back_with_its_text(hands: Hands) -> None:
    hands.click("#layout-remove")
    assert hands.lines() == LINES[1:]
    assert undone(hands)
