"""Correcting in headless Chromium: with keys alone, undone, saved, and in two places at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from htrkit import Recognizer

pytest.importorskip("selenium", reason="drives the browser")
from desk_in_browser import LEFT, PITCH, TEXTS, TOP, Hands, describe, draw
from selenium.webdriver.common.action_chains import ActionChains

LINES = list(TEXTS[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, texts in enumerate(TEXTS, start=1):
        describe(draw(tmp_path, f"page-{number}.png", texts), texts, doubtful="wool", alternative="wood")
    return tmp_path


@pytest.fixture
def hands(folder: Path, sit_at: Callable[[Path], Hands]) -> Hands:
    return sit_at(folder)


def written(folder: Path) -> str:
    return (folder / "page-1.xml").read_text(encoding="utf-8")


def write_from_here(hands: Hands) -> None:
    """The focus goes to the field, by the link for those without a mouse."""
    hands.press("Tab", "Enter")
    assert hands.focus() == "text"


def test_lines_are_corrected_with_keys_alone(hands: Hands, folder: Path) -> None:
    write_from_here(hands)
    hands.press("Enter")  # the first is right
    assert hands.field() == LINES[1]
    hands.press("Tab")  # to the word in doubt
    hands.write("wood")
    hands.press("Enter", "End")
    hands.write("!")
    hands.press("Enter")
    hands.saved()
    wanted = [LINES[0], "with wood and coffee", "and the wind dropped!", LINES[3]]
    assert hands.lines() == wanted
    assert hands.states() == ["corrected"] * 3 + ["read"]
    assert "with wood and coffee" in written(folder)
    hands.open()
    assert hands.lines() == wanted
    assert hands.states() == ["corrected"] * 3 + ["read"]


def test_doubtful_words_are_marked_by_more_than_colour_and_have_alternatives(hands: Hands) -> None:
    write_from_here(hands)
    hands.press("Down")
    (word,) = hands.all("#marks .weak")
    assert word.text == "wool"
    assert "double" in word.value_of_css_property("text-decoration")
    word = hands.script("document.querySelector('#marks .weak').getBoundingClientRect().toJSON()")
    field = hands.one("#text").rect
    offset = [
        word[side] + word[size] / 2 - field[side] - field[size] / 2 for side, size in (("x", "width"), ("y", "height"))
    ]
    ActionChains(hands.browser).move_to_element_with_offset(hands.one("#text"), *map(round, offset)).click().perform()
    assert hands.texts("#alternatives [role=menuitem] .text") == ["wool", "wood"]
    hands.press("Escape", "Home", "Tab", "Alt+Down")
    assert hands.texts("#alternatives [role=menuitem] .text") == ["wool", "wood"]
    hands.press("Enter")
    assert hands.field() == "with wood and coffee"
    assert hands.focus() == "text"
    hands.press("Ctrl+z")
    assert hands.field() == LINES[1]
    hands.saved()


def test_tab_leaves_the_field_when_no_word_is_in_doubt(hands: Hands) -> None:
    write_from_here(hands)
    hands.press("Tab")
    assert hands.focus() == "right"
    hands.press("Shift+Tab")
    assert hands.focus() == "text"


def test_undo_outlives_a_reload(hands: Hands, folder: Path) -> None:
    write_from_here(hands)
    hands.press("End")
    hands.write(" morning")
    hands.press("Enter")
    hands.saved()
    hands.open()
    write_from_here(hands)
    hands.press("Ctrl+z")
    assert hands.lines() == LINES
    hands.press("Shift+Ctrl+Z")
    assert hands.lines()[0] == f"{LINES[0]} morning"
    hands.press("Ctrl+z")
    hands.saved()
    assert "morning" not in written(folder)


def test_drafts_of_two_windows_are_neither_lost_nor_mixed(hands: Hands, folder: Path) -> None:
    first, second = hands.browser.current_window_handle, other_window(hands)
    for window, line, more in ((first, 0, " today"), (second, 2, " gone")):
        hands.browser.switch_to.window(window)
        cut_off(hands)
        edit(hands, window, line, more)
        hands.until(lambda: "not answer" in hands.texts("#saving")[0])
    hands.browser.switch_to.window(first)
    cut_off(hands, again=False)
    hands.open()
    assert hands.lines() == [f"{LINES[0]} today", *LINES[1:]]  # the other window is there, and has its own
    hands.saved()
    hands.browser.switch_to.window(second)
    hands.browser.close()
    hands.browser.switch_to.window(first)
    hands.open()
    hands.until(lambda: hands.lines() == [f"{LINES[0]} today", LINES[1], f"{LINES[2]} gone", LINES[3]])
    hands.saved()
    assert all(f"{line} {word}" in written(folder) for line, word in ((LINES[0], "today"), (LINES[2], "gone")))
    assert hands.script("Object.keys(localStorage).filter((key) => key.startsWith('htrkit:draft'))") == []
    hands.complaints()  # the browser notes what was blocked


def cut_off(hands: Hands, *, again: bool = True) -> None:
    """The server is out of reach, or is there again."""
    hands.browser.execute_cdp_cmd("Network.enable", {})
    hands.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/api/pages/*"] if again else []})


def test_what_was_not_saved_is_there_after_a_reload(hands: Hands) -> None:
    write_from_here(hands)
    cut_off(hands)
    hands.press("End")
    hands.write(" at noon")
    hands.until(lambda: "not answer" in hands.texts("#saving")[0])
    cut_off(hands, again=False)
    hands.complaints()  # the browser notes what was blocked
    hands.open()
    assert hands.lines()[0] == f"{LINES[0]} at noon"
    hands.saved()


def test_a_character_that_the_model_does_not_know_is_warned_of_and_the_palette_has_those_it_knows(hands: Hands) -> None:
    write_from_here(hands)
    hands.press("End")
    hands.write("ⱷ")
    assert "does not know ⱷ" in hands.text("#outside")
    hands.press("Backspace")
    assert not hands.all("#outside")
    hands.click("#palette-opener")
    inserted = hands.text("#palette button")
    hands.click("#palette button")
    assert hands.field() == LINES[0] + inserted
    assert hands.focus() == "text"
    hands.saved()


def test_what_somebody_may_be_about_to_press_stays_when_the_desk_hears_of_a_save(hands: Hands) -> None:
    write_from_here(hands)
    hands.click("#palette-opener")
    key = hands.all("#palette button")[0]
    count = hands.text("#pages button small")
    hands.click("#text")
    hands.write("x")
    hands.browser.execute_script("arguments[0].focus()", key)
    hands.until(lambda: hands.text("#pages button small") != count)
    assert hands.script("document.activeElement === arguments[0]", key)


def test_the_end_of_a_page_leads_to_the_next(hands: Hands) -> None:
    write_from_here(hands)
    hands.press(*["Enter"] * len(LINES))
    assert hands.text("#end-text") == "Every line of this page is right."
    hands.press("Enter")
    hands.until(lambda: hands.lines() == list(TEXTS[1]))
    hands.until(lambda: "finished" in hands.texts("#pages button")[0])
    assert hands.field() == TEXTS[1][0]


def test_search_goes_to_the_line(hands: Hands) -> None:
    hands.press("/")
    hands.write("cabbage")
    hands.until(lambda: hands.texts("#found mark") == ["cabbage"])
    hands.press("Down", "Enter")
    hands.until(lambda: hands.field() == "only the cabbage stands")


def test_search_shows_where_a_misread_word_stands(folder: Path, sit_at: Callable[[Path], Hands]) -> None:
    search = pytest.importorskip("htrkit_search")
    files = []
    for number, texts in enumerate(TEXTS, start=1):
        misread = [text.replace("cabbage", "cobbaye") for text in texts]
        files.append(str(describe(folder / f"page-{number}.png", misread)))
    search.update(folder, Recognizer.load(), files)
    hands = sit_at(folder)
    hands.press("/")
    hands.write("cabbage")
    hands.until(lambda: "only the cobbaye stands" in "".join(hands.texts("#hits button")))
    assert hands.text("#found-count") == "Nothing found, perhaps 1 place more"
    assert hands.text("#perhaps h2") == "Perhaps also here"
    assert re.fullmatch(r"page-2.png · \d\d% sure", hands.text("#hits small"))
    assert not hands.texts("#found-note")
    hands.press("Down", "Enter")
    hands.until(lambda: hands.field() == "only the cobbaye stands")
    box = {name: float(hands.one(".hit rect").get_attribute(name)) for name in ("x", "y", "width", "height")}
    assert abs(box["x"] - ink_of("only the ")) < 50
    assert abs(box["x"] + box["width"] - ink_of("only the cabbage")) < 50
    assert box["y"] < TOP + PITCH < box["y"] + box["height"]
    hands.until(lambda: hands.focus() == "board")
    assert "“cabbage” is framed" in hands.script("document.getElementById('said').textContent")
    hands.click("#next")
    hands.until(lambda: not hands.all(".hit rect"))


def ink_of(text: str) -> int:
    """Where a text of a drawn line ends."""
    return LEFT + cv2.getTextSize(text, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.9, 3)[0][0]


def test_edits_of_two_windows_to_other_lines_are_both_kept(hands: Hands, folder: Path) -> None:
    first, second = hands.browser.current_window_handle, other_window(hands)
    edit(hands, second, 2, " gone")
    hands.saved()
    edit(hands, first, 0, " late")
    hands.until(lambda: hands.lines()[2] == f"{LINES[2]} gone")
    hands.saved()
    assert hands.lines()[0] == f"{LINES[0]} late"
    assert "late" in written(folder)
    assert "gone" in written(folder)
    hands.complaints()  # if the second edit came before word of the first, the browser notes a 409


@pytest.mark.parametrize(("choice", "wanted"), [("ours", ["mine"]), ("theirs", ["yours"]), ("both", ["mine", "yours"])])
def test_who_saves_later_is_asked_whose_line_shall_stand(
    hands: Hands, folder: Path, choice: str, wanted: list[str]
) -> None:
    write_from_here(hands)
    hands.press("End")
    hands.write(" mine")
    describe(folder / "page-1.png", [f"{LINES[0]} yours", *LINES[1:]])
    hands.one("dialog")
    hands.click(f"dialog input[value={choice}]")
    hands.click("dialog .primary")
    hands.until(lambda: not hands.all("dialog"))
    hands.saved()
    texts = [f"{LINES[0]} {one}" for one in wanted]
    assert hands.lines() == texts + LINES[1:]
    assert all(text in written(folder) for text in texts)
    hands.complaints()  # the browser notes that the server said 409


def test_a_page_that_is_edited_outlives_its_file(hands: Hands, folder: Path) -> None:
    write_from_here(hands)
    hands.press("End")
    hands.write(" mine")
    (folder / "page-1.xml").unlink()
    hands.until(lambda: "deleted elsewhere" in "".join(hands.texts(".notice")))
    hands.saved()
    assert hands.lines() == [f"{LINES[0]} mine", *LINES[1:]]
    assert all(text in written(folder) for text in hands.lines())
    hands.complaints()  # the browser notes that the server said 409


def test_an_edit_from_outside_shows_by_itself(hands: Hands, folder: Path) -> None:
    describe(folder / "page-1.png", [*LINES[:3], "Everybody knows"])
    hands.until(lambda: hands.lines()[3] == "Everybody knows")


def other_window(hands: Hands) -> str:
    hands.browser.switch_to.new_window("tab")
    hands.look()
    hands.open()
    return str(hands.browser.current_window_handle)


def edit(hands: Hands, window: str, line: int, more: str) -> None:
    """Writes at the end of a line in a window."""
    hands.browser.switch_to.window(window)
    hands.click("#transcript button", line)
    hands.press("End")
    hands.write(more)
