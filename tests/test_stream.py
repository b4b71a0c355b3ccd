"""A stage gets its items in portions that suit it; everything keeps its place."""

from __future__ import annotations

import traceback
import weakref
from collections.abc import Iterator
from itertools import count, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.stream import BYTES_AT_ONCE, LINES_AT_ONCE, ahead, all_at_once, guarded, through
from htrkit.types import Failed, Hypothesis, Line, Result


def result(number: int) -> Result:
    return Result(str(number), (Hypothesis("", 0.0),))


@given(st.lists(st.booleans(), max_size=600))
def test_everything_keeps_its_place(kinds: list[bool]) -> None:
    portions: list[int] = []

    def stage(some: list[Result]) -> list[int]:
        portions.append(len(some))
        return [int(one.id) for one in some]

    items = [result(number) if kind else Failed(str(number), "") for number, kind in enumerate(kinds)]
    found = list(through(stage, Result, items))
    assert [one if isinstance(one, int) else int(one.id) for one in found] == list(range(len(items)))
    assert all(size <= LINES_AT_ONCE for size in portions)


def test_a_stage_gets_as_many_as_it_works_on_at_once_whatever_stands_between() -> None:
    portions: list[int] = []

    def stage(some: list[Result]) -> list[Result]:
        portions.append(len(some))
        return some

    mixed = (one for number in range(3 * LINES_AT_ONCE) for one in (Failed("", ""), result(number)))
    assert len(list(through(stage, Result, mixed))) == 6 * LINES_AT_ONCE
    assert portions == [LINES_AT_ONCE] * 3


def test_large_images_are_not_all_held_at_once() -> None:
    large = np.zeros((4096, 4096), np.uint8)  # 16 MiB
    portions: list[int] = []

    def stage(some: list[Line]) -> list[str]:
        portions.append(len(some))
        return [one.id for one in some]

    lines = (Line(str(number), large) for number in range(10))
    assert list(through(stage, Line, lines)) == [str(number) for number in range(10)]
    assert portions == [BYTES_AT_ONCE // large.nbytes] * 2 + [2]


@given(st.integers(0, 30), st.integers(1, 4), st.integers(0, 30))
def test_what_is_made_ahead_comes_in_order_and_not_without_end(count: int, threads: int, wanted: int) -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(count):
            asked.append(number)
            yield number

    found = ahead(str, items(), threads)
    taken = list(islice(found, wanted))
    found.close()  # type: ignore[attr-defined]
    assert taken == [str(number) for number in range(min(count, wanted))]
    assert len(asked) <= wanted + 2 * threads + 1


def test_what_fails_ahead_fails_in_its_place() -> None:
    found = ahead(lambda number: 1 // (number - 3), range(9), 2)
    assert [next(found) for _ in range(3)] == [-1, -1, -1]
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_failures_without_end_are_told_all_the_same() -> None:
    def failures() -> Iterator[Failed]:
        yield from (Failed(str(number), "") for number in count())

    found = through(lambda some: some, Result, failures())
    assert [next(found).id for _ in range(1000)] == [str(number) for number in range(1000)]


@given(st.lists(st.booleans(), min_size=1, max_size=64))
def test_of_many_items_those_that_fail_are_found_out(bad: list[bool]) -> None:
    asked = []

    def call(some: list[Result]) -> list[str]:  # a stranger's component
        asked.append(len(some))
        if any(bad[int(one.id)] for one in some):
            raise ValueError("bad")
        return [one.id for one in some]

    found = all_at_once("encoder", "some", list(map(result, range(len(bad)))), call)  # type: ignore[arg-type]
    assert [one.id if isinstance(one, Failed) else one for one in found] == [str(i) for i in range(len(bad))]
    assert [isinstance(one, Failed) for one in found] == bad
    if not any(bad):
        assert asked == [len(bad)]


def test_a_failure_says_where_it_happened_and_keeps_no_image_alive() -> None:
    alive: list[weakref.ref[np.ndarray]] = []

    def read() -> None:
        pixels = np.zeros(5)
        alive.append(weakref.ref(pixels))
        try:
            int("a")
        except ValueError as error:
            raise KeyError("b") from error

    failed = guarded("line", "step", "bad", read)
    assert isinstance(failed, Failed)
    assert failed.error is not None
    said = "".join(traceback.format_exception(failed.error))
    assert 'int("a")' in said
    assert "in read" in said
    assert alive[0]() is None
