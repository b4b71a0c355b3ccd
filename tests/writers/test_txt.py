from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit import plugins
from htrkit.errors import UsageError
from htrkit.types import Hypothesis, Result, Run
from htrkit.writers.txt import Txt

ANY_TEXT = st.text(st.characters())  # surrogates too: paths need not be UTF-8


def result(*texts: str, name: str = "a.png") -> Result:
    return Result(name, tuple(Hypothesis(text, score=-float(i)) for i, text in enumerate(texts)))


def test_one_image_prints_its_text_alone() -> None:
    writer = plugins.create("writer", "txt", Run("m", "d", several=False))
    assert writer.header() + writer.format(result("or work on")) == "or work on\n"


def test_several_images_print_path_and_text() -> None:
    writer = Txt(Run("m", "d", several=True))
    assert writer.format(result("word", name="scans/a b.png")) == "scans/a b.png\tword\n"


def test_n_best_prints_a_line_for_each_hypothesis_and_no_more_than_asked_for() -> None:
    texts = ["word", "ward", "wood"]
    assert Txt(Run("m", "d", several=False, n_best=2)).format(result(*texts)) == "word\nward\n"
    assert Txt(Run("m", "d", several=True, n_best=3)).format(result(*texts)).splitlines() == [
        "a.png\tword",
        "a.png\tward",
        "a.png\twood",
    ]


def test_an_empty_text_still_has_its_line() -> None:
    assert Txt(Run("m", "d", several=True)).format(result("")) == "a.png\t\n"
    assert Txt(Run("m", "d", several=False)).format(result("")) == "\n"


def test_tabs_and_line_ends_are_escaped_and_backslashes_and_letters_are_not() -> None:
    writer = Txt(Run("m", "d", several=True))
    assert writer.format(result("a\tb\nc", name="C:\\tmp\r")) == "C:\\tmp\\r\ta\\tb\\nc\n"
    assert writer.format(result("früh — 石", name="ä.png")) == "ä.png\tfrüh — 石\n"


def test_no_text_can_steer_a_terminal() -> None:
    assert "\x1b" not in Txt(Run("m", "d", several=False)).format(result("\x1b[2J"))


@given(ANY_TEXT, ANY_TEXT)
def test_whatever_the_text_and_path_there_is_one_line_of_two_columns_that_utf8_can_write(text: str, name: str) -> None:
    written = Txt(Run("m", "d", several=True)).format(result(text, name=name))
    assert written.encode("utf-8").decode("utf-8") == written
    assert len(written.splitlines()) == 1
    assert written.count("\t") == 1


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(UsageError, match="colour"):
        plugins.create("writer", "txt", Run("m", "d"), colour=True)
