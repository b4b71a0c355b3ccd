"""Texts of strangers, fit to be printed."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.errors import InputError, PluginError
from htrkit.quoting import failure, one_line, quoted, reason, safe_json, shown, visible

TEXTS = st.text(st.characters() | st.sampled_from("\x1b\x07\n\r\t\x85\x9b\u2028\u061c\u200f\u202e\u2066\udc9b"))


@given(TEXTS)
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    for made in (visible(text), quoted(text), one_line(text), shown(text), safe_json(json.dumps(text))):
        assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in made)
        made.encode("utf-8")
    assert not any(unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF") for c in quoted(text))


@given(TEXTS)
def test_json_says_the_same(text: str) -> None:
    assert json.loads(safe_json(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize("text", ["naïve.png", "日本語", "שלום", "می‌خواهم", "C:\\temp\\new", "a b"])
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert visible(text) == quoted(text) == one_line(text) == text


def test_a_mark_of_direction_stays_in_a_result_and_is_shown_in_a_message() -> None:
    assert visible("א\u200f!") == "א\u200f!"
    assert quoted("א\u200f!") == "א\\u200f!"


def test_one_line_is_cut() -> None:
    assert one_line("a\n b\t c " * 100, 20) == "a b c a b c a b c a…"


class OddError(Exception):
    def __str__(self) -> str:
        raise self

    __repr__ = __str__


@pytest.mark.parametrize(
    ("error", "why", "what"),
    [
        (ValueError("odd"), "ValueError: odd", "raised ValueError: odd"),
        (KeyError(), "KeyError", "raised KeyError"),
        (ImportError("No module named 'x'"), "No module named 'x'", "raised ImportError: No module named 'x'"),
        (InputError("no image"), "no image", "raised InputError: no image"),
        (PluginError("gave None"), "gave None", "gave None"),
        (OddError(), "OddError", "raised OddError"),
    ],
)
def test_what_went_wrong_in_one_line(error: Exception, why: str, what: str) -> None:
    assert reason(error) == why
    assert failure(error) == what


def test_an_object_that_cannot_be_shown_is_named_by_its_type() -> None:
    assert shown(OddError()) == "OddError"
    assert shown([1, 2]) == "[1, 2]"
