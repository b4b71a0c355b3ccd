from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit import plugins
from htrkit.contracts import Writer
from htrkit.errors import UsageError
from htrkit.types import Hypothesis, Place, Result, Run
from htrkit.writers.txt import Txt

ANY_TEXT = st.text(st.characters())  # surrogates too: paths need not be UTF-8


def said(writer: Writer, *results: Result) -> str:
    return "".join(writer(results))


def result(*texts: str, name: str = "a.png") -> Result:
    return Result(name, tuple(Hypothesis(text, score=-float(i)) for i, text in enumerate(texts)))


def test_one_image_prints_its_text_alone() -> None:
    writer = plugins.create("writer", "txt", Run("m", "d", several=False))
    assert said(writer, result("or work on")) == "or work on\n"


def test_several_images_print_path_and_text() -> None:
    writer = Txt(Run("m", "d", several=True))
    assert said(writer, result("word", name="scans/a b.png")) == "scans/a b.png\tword\n"


def test_n_best_prints_a_line_for_each_hypothesis_and_no_more_than_asked_for() -> None:
    texts = ["word", "ward", "wood"]
    assert said(Txt(Run("m", "d", several=False, n_best=2)), result(*texts)) == "word\nward\n"
    assert said(Txt(Run("m", "d", several=True, n_best=3)), result(*texts)).splitlines() == [
        "a.png\tword",
        "a.png\tward",
        "a.png\twood",
    ]


def test_an_empty_text_still_has_its_line() -> None:
    assert said(Txt(Run("m", "d", several=True)), result("")) == "a.png\t\n"
    assert said(Txt(Run("m", "d", several=False)), result("")) == "\n"


def test_tabs_and_line_ends_are_escaped_and_backslashes_and_letters_are_not() -> None:
    writer = Txt(Run("m", "d", several=True))
    assert said(writer, result("a\tb\nc", name="C:\\tmp\r")) == "C:\\tmp\\r\ta\\tb\\nc\n"
    assert said(writer, result("früh — 石", name="ä.png")) == "ä.png\tfrüh — 石\n"


def test_no_text_can_steer_a_terminal() -> None:
    assert "\x1b" not in said(Txt(Run("m", "d", several=False)), result("\x1b[2J"))


@given(ANY_TEXT, ANY_TEXT)
def test_whatever_the_text_and_path_there_is_one_line_of_two_columns_that_utf8_can_write(text: str, name: str) -> None:
    written = said(Txt(Run("m", "d", several=True)), result(text, name=name))
    assert written.encode("utf-8").decode("utf-8") == written
    assert len(written.splitlines()) == 1
    assert written.count("\t") == 1


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(UsageError, match="colour"):
        plugins.create("writer", "txt", Run("m", "d"), colour=True)


def test_the_lines_of_a_page_stand_under_its_name() -> None:
    lines = [Result(f"scan.png:{n}", (Hypothesis(f"line {n}", 0.0),), Place("scan.png", n - 1, ())) for n in (1, 2)]
    assert said(Txt(Run("m", "d", several=True)), *lines) == "scan.png\tline 1\nscan.png\tline 2\n"
    assert said(Txt(Run("m", "d", several=False)), *lines) == "line 1\nline 2\n"


def test_each_result_is_there_before_the_next_one_is_taken() -> None:
    taken = []

    def results() -> Iterator[Result]:
        for name in ("a", "b"):
            taken.append(name)
            yield result(name)

    pieces = Txt(Run("m", "d", several=False))(results())
    assert (next(pieces), taken) == ("a\n", ["a"])
