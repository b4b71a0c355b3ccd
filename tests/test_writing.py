"""Results through a writer, whatever it does with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import InputError, PluginError
from htrkit.types import Failed, Hypothesis, Page, Result
from htrkit.writing import PageNames, by_page, written

PIXELS = np.full((9, 9), 255, np.uint8)


def result(name: str) -> Result:
    return Result(name, (Hypothesis(name, 0.0),))


def page(name: str, source: str = "", number: int = 1) -> Page:
    return Page(name, Path(source or name), number, PIXELS)


RESULTS = [result(name) for name in "abc"]


def test_the_text_comes_with_each_result_between_a_header_and_a_footer() -> None:
    taken = []

    def results() -> Iterator[Result]:
        for one in RESULTS:
            taken.append(one.id)
            yield one

    def table(results: Iterable[Result]) -> Iterator[str]:
        yield "text\n"
        for one in results:
            yield f"{one.text}\n"
        yield "end\n"

    pieces = written(table, "table", results())
    assert [(next(pieces), list(taken)) for _ in range(3)] == [("text\n", []), ("a\n", ["a"]), ("b\n", ["a", "b"])]
    assert list(pieces) == ["c\n", "end\n"]


def test_a_writer_that_has_seen_enough_does_not_end_the_reading() -> None:
    results = iter(RESULTS)
    assert list(written(lambda results: iter([next(iter(results)).text]), "first", results)) == ["a"]
    assert next(results, None) is None


def raising(error: BaseException) -> Iterator[Result]:
    yield result("a")
    raise error


@pytest.mark.parametrize("error", [InputError("torn"), KeyboardInterrupt(), ValueError("a slip of htrkit's")])
def test_what_is_raised_where_the_results_come_from_is_not_the_writers_fault(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        list(written(lambda results: (one.text for one in results), "plain", raising(error)))
    assert caught.value is error


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (None, "raised TypeError: 'NoneType' object is not iterable"),
        ([5], "gave 5 instead of text"),
        ([None], "gave None instead of text"),
        (["a", ["b"]], r"gave \['b'\] instead of text"),
    ],
)
def test_a_writer_that_gives_anything_but_text_is_named(gives: object, said: str) -> None:
    with pytest.raises(PluginError, match=rf"^writer 'odd' {said}$"):
        list(written(lambda results: gives, "odd", RESULTS))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("error", [ValueError("boom"), SystemExit(0), GeneratorExit(), InputError("mine")])
def test_a_writer_that_fails_is_named(error: BaseException) -> None:
    def fails(results: Iterable[Result]) -> Iterator[str]:
        yield "header\n"
        raise error

    with pytest.raises(PluginError, match=f"^writer 'odd' raised {type(error).__name__}"):
        list(written(fails, "odd", RESULTS))


def test_results_are_gathered_page_by_page() -> None:
    first, second, third = (page(name) for name in ("1", "2", "3"))
    found = [Failed("0", ""), first, RESULTS[0], Failed("1:2", ""), RESULTS[1], second, third, RESULTS[2]]
    assert [(one.id, [result.id for result in results]) for one, results in by_page(found)] == [
        ("1", ["a", "b"]),
        ("2", []),
        ("3", ["c"]),
    ]
    assert list(by_page([])) == []


def test_pages_files_lie_as_their_images_do() -> None:
    files = ["scans/box 1/a.png", "./scans/box 2/a.png", "scans/box 2/b.jpg", "scans/box 2/b.tif"]
    names = PageNames(files, ".xml")
    assert [str(names.of(page(file))) for file in files] == [
        "box 1/a.xml",
        "box 2/a.xml",
        "box 2/b.jpg.xml",
        "box 2/b.tif.xml",
    ]
    assert [names.of_file(file) for file in files] == [names.of(page(file)) for file in files]


def test_no_two_pages_have_one_file() -> None:
    files = ["s/a.jpg", "s/a.png", "s/a.png.tif", "s/x.tif", "s/x#2.png"]
    names = PageNames(files, ".xml")
    found = [*(names.of(page(file)) for file in files), names.of(page("s/x.tif#2", "s/x.tif", 2))]
    assert len(set(found)) == len(found)
    assert str(names.of(page("s/a.png"))) == "a.png.xml"
    again = PageNames(files[::-1], ".xml")
    assert [again.of(page(file)) for file in files] == found[:-1]


def test_pages_of_one_file_have_their_numbers() -> None:
    names = PageNames(["scans/letters.tif"], ".xml")
    assert str(names.of(page("scans/letters.tif#12", "scans/letters.tif", 12))) == "letters#12.xml"
    assert str(names.of(page("scans/letters.tif"))) == "letters.xml"
