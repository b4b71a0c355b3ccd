"""The picture of a page is zoomed and moved in headless Chromium: with mouse, wheel, keys and fingers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="drives the browser")
from desk_in_browser import TEXTS, Hands, describe, draw
from selenium.webdriver.common.action_chains import ActionChains


@pytest.fixture
def hands(tmp_path: Path, sit_at: Callable[[Path], Hands]) -> Hands:
    describe(draw(tmp_path, "page-1.png", TEXTS[0]), TEXTS[0])
    return sit_at(tmp_path)


def test_the_picture_is_zoomed_and_moved(hands: Hands) -> None:
    def place() -> str:
        return str(hands.script("document.querySelector('#board > g').getAttribute('transform')"))

    hands.click("#zoom-fit")
    board, seen = hands.one("#board"), [place()]
    for step in (
        lambda: ActionChains(hands.browser, duration=50).drag_and_drop_by_offset(board, 60, -40).perform(),
        lambda: board.send_keys("+"),
        lambda: hands.press("Left"),
        lambda: hands.click("#zoom-out"),
        lambda: wheel(hands, board, zoom=True),
        lambda: wheel(hands, board, zoom=False),
    ):
        step()
        seen.append(place())
    assert len(set(seen)) == len(seen)
    hands.click("#zoom-fit")
    assert place() == seen[0]


def test_two_fingers_zoom_the_picture_and_one_moves_it(hands: Hands) -> None:
    def place() -> tuple[float, ...]:
        written = hands.script("document.querySelector('#board > g').getAttribute('transform')")
        return tuple(map(float, re.findall(r"-?[\d.]+", written)))  # translate(x y) scale(s)

    hands.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    hands.click("#zoom-fit")
    box, chosen = hands.one("#board").rect, hands.field()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    left, _, scale = place()
    touch(hands, [[(x - reach, y), (x + reach, y)] for reach in (40, 60, 80)])
    wide = place()
    assert wide[2] == pytest.approx(2 * scale, rel=0.02)
    middle = box["width"] / 2
    assert (middle - wide[0]) / wide[2] == pytest.approx(
        (middle - left) / scale, rel=0.02
    )  # it stays under the fingers
    touch(hands, [[(x, y)], [(x + 20, y - 10)], [(x + 50, y - 30)]])
    assert place() == pytest.approx((wide[0] + 50, wide[1] - 30, wide[2]), abs=0.1)
    touch(hands, [[(x - reach, y), (x + reach, y)] for reach in (80, 60, 40)])
    assert place()[2] == pytest.approx(scale, rel=0.02)
    assert hands.field() == chosen  # none of that was a click on a line
    hands.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def touch(hands: Hands, steps: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Put fingers down, move them from step to step, and lift them."""
    for number, points in enumerate(steps):
        given = [{"x": x, "y": y, "id": id_} for id_, (x, y) in enumerate(points)]
        event = {"type": "touchMove" if number else "touchStart", "touchPoints": given}
        hands.browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)
    hands.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def wheel(hands: Hands, board: Any, *, zoom: bool) -> None:
    box = board.rect
    event = {"type": "mouseWheel", "x": box["x"] + 100, "y": box["y"] + 100, "deltaX": 0, "deltaY": 90}
    hands.browser.execute_cdp_cmd("Input.dispatchMouseEvent", {**event, "modifiers": 2 if zoom else 0})
