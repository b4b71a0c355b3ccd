"""Holds a writer to its contract, on results plain and odd."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from htrkit.contracts import PageWriter, Writer
from htrkit.geometry import box
from htrkit.testing.contract import NonconformityError, promised, require
from htrkit.testing.drawn import pages
from htrkit.types import Hypothesis, Page, Place, Result, Run, Word
from htrkit.writing import written

ODD_TEXTS = ("", "two words", "tab\tand\nline\rend", "\x00\x1b[2J\u2028", "<b>&amp;\"'</b>", "ا\u200fب", "𝔥é")


def check_writer(factory: Callable[[Run], Writer | PageWriter]) -> None:
    """Check a writer, of results as they come or of pages, against the contract of its kind.

    Parameters
    ----------
    factory
        Makes the writer for a run: its class, or ``lambda run: MyWriter(run, option=value)``.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    _, page = next(pages())
    for several, n_best in ((True, 3), (False, 1)):
        with promised("the factory"):
            writer = factory(Run("a-model", "a-decoder", several=several, n_best=n_best))
        of_pages = isinstance(getattr(writer, "suffix", None), str)
        results = _results(page if of_pages else None)
        for some in ([], results[:1], results):
            _check(writer, some, (page,) if of_pages else (), f"on {len(some)} results")


def _check(writer: Any, results: Sequence[Result], page: tuple[Page, ...], where: str) -> None:
    name = type(writer).__name__
    with promised("the", where):
        first, again = (list(written(writer, name, results, *page)) for _ in range(2))
        streamed = list(written(writer, name, iter(results), *page))
    content = _bytes(first, where)
    require(content == _bytes(again, where), f"the writer writes something else the second time {where}")
    is_text = all(isinstance(piece, str) for piece in first)
    require(is_text or bool(page), f"bytes are for formats of pages: the writer gave {content[:40]!r} {where}")
    ended = not is_text or not content or content.endswith(b"\n")
    require(ended, f"the last line has no line end {where}: {content[-40:].decode(errors='replace')!r}")
    require(_bytes(streamed, where) == content, f"an iterator of results is written otherwise than a list {where}")


def _bytes(pieces: Sequence[str | bytes], where: str) -> bytes:
    try:  # a file name need not be UTF-8
        content = (piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece for piece in pieces)
        return b"".join(content)
    except UnicodeEncodeError:
        raise NonconformityError(f"the text cannot be written as UTF-8 {where}") from None


def _results(page: Page | None) -> list[Result]:
    """Results with odd texts and names, details missing and numbers that are not finite."""
    results = []
    for order, text in enumerate(ODD_TEXTS):
        spans = tuple((2 * i, 2 * i + 1) for i in range(len(text)))
        words = tuple(Word(word, box(40.0, 30.0, 60.0, 94.0), 0.8) for word in text.split())
        best = Hypothesis(text, -1.0, -1.5, spans, 0.9, words)
        others = (replace(best, text=text + "x", spans=()), Hypothesis("y", -math.inf, -math.inf, (), None))
        place = Place(page.id, order, ((40.0, 30.0), (360.0, 30.0), (360.0, 94.0))) if page else None
        results.append(Result(f"folder/{order}\udce9 \n{text}", (best, *others), place))
    return results
