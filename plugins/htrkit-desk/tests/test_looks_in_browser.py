"""How the desk looks in headless Chromium: contrast, narrow screens, names for who does not see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="drives the browser")
from desk_in_browser import TEXTS, Hands, describe, draw

NAMELESS = """
[...document.querySelectorAll("button, input, select, textarea, a, [tabindex='0'], img, canvas")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen"))
  .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.getAttribute("alt")
    || one.labels?.length || one.placeholder || one.id === "seen-cut"))
  .map((one) => one.outerHTML.slice(0, 80))
"""


UNREACHED = """
[...document.querySelectorAll("button, input, select, textarea, a[href], summary, [tabindex]")]
  .filter((one) => one.checkVisibility() && !one.disabled && !one.closest(".unseen"))
  .filter((one) => !one.hasAttribute("data-reached"))
  // arrows go on within these
  .filter((one) => !one.closest("#transcript, #tabs")?.querySelector("[data-reached]"))
  .map((one) => one.outerHTML.slice(0, 80))
"""


@pytest.fixture
def hands(tmp_path: Path, sit_at: Callable[[Path], Hands]) -> Hands:
    for number, texts in enumerate(TEXTS, start=1):
        describe(draw(tmp_path, f"page-{number}.png", texts), texts, doubtful="wool", alternative="wood")
    return sit_at(tmp_path)


def everything_open(hands: Hands) -> None:
    """Much of what can be seen at once: a confirmed line, a palette, a warning, finds, a menu."""
    hands.click("#transcript button")
    hands.press("Enter")
    hands.write("ⱷ")
    hands.saved()
    hands.click("#palette-opener")
    hands.one("#search").send_keys("with")
    hands.one("#found button")


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_has_the_contrast_that_wcag_asks_for(hands: Hands, dark: bool) -> None:
    everything_open(hands)
    assert hands.faint(dark=dark) == []
    for opener in ("#settings", "#help", "#teach"):
        hands.click(opener)
        hands.one("dialog")
        assert hands.faint(dark=dark) == []
        hands.press("Escape")
        hands.until(lambda: not hands.all("dialog"))


def test_dark_follows_the_system_until_a_person_says_otherwise(hands: Hands) -> None:
    def ground() -> str:
        return str(hands.script("getComputedStyle(document.body).backgroundColor"))

    light = ground()
    hands.look(dark=True)
    dark = ground()
    assert light == "rgb(255, 255, 255)"
    assert dark == "rgb(20, 23, 26)"
    hands.click("#appearance")
    assert ground() == light
    hands.open()
    assert ground() == light
    hands.click("#appearance")
    assert ground() == dark
    hands.click("#appearance")
    hands.look()
    assert ground() == light


@pytest.mark.parametrize("width", [390, 800])
def test_narrow_screens_need_no_sideways_scrolling(hands: Hands, width: int) -> None:
    hands.look(width=width, height=844)
    assert hands.script("document.documentElement.scrollWidth") <= width
    assert hands.one("#text").size["width"] > 0.6 * width or width > 600
    everything_open(hands)
    hands.press("Escape")
    hands.click("#tab-decoders")
    assert hands.script("document.documentElement.scrollWidth") <= width
    hands.click("#list-opener")
    hands.click("#pages button", 1)
    hands.until(lambda: hands.lines() == list(TEXTS[1]))
    assert not hands.all("#pages")
    hands.click("#teach")
    assert hands.one("dialog").rect["width"] <= width
    hands.press("Escape")


def test_a_line_of_any_length_leaves_room_for_the_rest(hands: Hands) -> None:
    hands.click("#transcript button")
    text = "const text = document.getElementById('text');"
    hands.browser.execute_script(
        f"{text} text.value = arguments[0]; text.dispatchEvent(new Event('input'))", "ⱷ so " * 900
    )
    hands.saved()
    assert hands.one("#board").size["height"] > 150
    hands.browser.execute_script(f"{text} text.scrollTop = 80")
    hands.until(lambda: hands.script("document.getElementById('marks').scrollTop") == 80)


def test_everything_has_a_name_for_who_does_not_see_it(hands: Hands) -> None:
    assert hands.script(NAMELESS) == []
    hands.click("#layout")
    assert hands.script(NAMELESS) == []
    assert {one.get_attribute("role") for one in hands.all("#board .handle[tabindex]")} == {"button"}


def test_everything_is_reached_without_a_mouse(hands: Hands) -> None:
    hands.click("#layout")
    hands.click("#palette-opener")
    hands.script("document.activeElement.blur()")
    for _ in range(120):
        hands.press("Tab")
        hands.script("document.activeElement.toggleAttribute('data-reached', true)")
    assert hands.script(UNREACHED) == []


def test_texts_of_files_are_never_markup(tmp_path: Path, sit_at: Callable[[Path], Hands]) -> None:
    hostile = '<img src=x onerror="document.title=1"><b>bold</b>'
    name = "a&b <i>x<i> 'q'.png"
    describe(draw(tmp_path, name, TEXTS[0]), [hostile, *TEXTS[0][1:]])
    hands = sit_at(tmp_path)
    assert hands.lines()[0] == hostile
    assert hands.texts("#pages .name") == [name]
    hands.press("/")
    hands.write("bold")
    hands.until(lambda: hands.texts("#found mark") == ["bold"])
    assert hands.script("document.querySelectorAll('main b b, #found b, #pages i i, img[src=x]').length") == 0
    assert hands.browser.title != "1"
