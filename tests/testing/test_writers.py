"""The kit for writers: it lets htrkit's own pass and catches each kind of wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from htrkit import plugins
from htrkit.testing import NonconformityError, check_writer
from htrkit.types import Page, Result, Run


@pytest.mark.parametrize("name", [entry.component.name for entry in plugins.declared("writer") if not entry.broken])
def test_installed_writers_keep_the_contract(name: str) -> None:
    check_writer(lambda run: plugins.create("writer", name, run))


class Footed:
    """A header, the ids, and a footer."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, results: Iterable[Result]) -> Iterator[str]:
        count = 0
        yield "results\n"
        for result in results:
            count += 1
            yield f"{result.id!r}\n"
        yield f"{count} in all\n"


class OfPages(Footed):
    suffix = ".txt"

    def __call__(self, results: Iterable[Result], page: Page | None = None) -> Iterator[str]:
        assert page
        yield f"{page.id}: {', '.join(repr(result.id) for result in results if result.place)}\n"


def test_a_footer_and_a_file_for_each_page_are_fine() -> None:
    check_writer(Footed)
    check_writer(OfPages)


class Forgetful(Footed):
    """Remembers what it should not."""

    count = 0

    def __call__(self, results: Iterable[Result]) -> Iterator[str]:
        self.count += 1
        yield f"{self.count}\n"


def spoilt(write: Any) -> Any:
    """A writer's factory."""
    return lambda run: write


@pytest.mark.parametrize(
    ("factory", "says"),
    [
        (spoilt(None), "the writer 'NoneType' raised TypeError: 'NoneType' object is not callable on 0 results"),
        (spoilt(lambda results: None), "the writer 'function' raised TypeError: 'NoneType' object is not iterable"),
        (spoilt(lambda results: [b"x"]), "bytes are for formats of pages: the writer gave b'x' on 0 results"),
        (
            spoilt(lambda results: [str(1 // len(list(results)))]),
            "the writer 'function' raised ZeroDivisionError: .* on 0 results",
        ),
        (
            spoilt(lambda results: (r.text + "\n" for r in results[:1])),
            "the writer 'function' raised TypeError: .* not subscriptable",
        ),
        (spoilt(lambda results: ["no end"]), "the last line has no line end on 0 results: 'no end'"),
        (spoilt(lambda results: ["\ud800\n"]), "the text cannot be written as UTF-8"),
        (lambda run: run.missing, "the factory raised AttributeError"),
        (Forgetful, "the writer writes something else the second time"),
    ],
)
def test_faults_are_caught(factory: Any, says: str) -> None:
    with pytest.raises(NonconformityError, match=says):
        check_writer(factory)
