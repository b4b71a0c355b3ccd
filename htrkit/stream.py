"""Items through one stage, in order, a few dozen at a time; what a component fails on costs that item alone."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Protocol, TypeVar

from htrkit.errors import PluginError
from htrkit.quoting import failure, shown
from htrkit.types import Failed

# Enough for the encoder's batches and for a decoder's threads, and few enough to see results soon.
LINES_AT_ONCE = 64
BYTES_AT_ONCE = 64 << 20
"""Of pixels: some seven pages of A4, scanned at 300 dpi; lines have a hundredth of that."""


class Named(Protocol):
    """A line, a page, or what became of it."""

    @property
    def id(self) -> str:
        """What the caller knows it by."""
        ...


Given = TypeVar("Given", bound=Named)
Made = TypeVar("Made")
Other = TypeVar("Other")


def through(
    stage: Callable[[list[Given]], Iterable[Made]], kind: type[Given], items: Iterable[Given | Other]
) -> Iterator[Made | Other]:
    """Items of a kind, each replaced by what a stage makes of it; others, such as what failed, pass in their place."""
    waiting = iter(items)
    while chunk := list(_some(kind, waiting)):
        made = iter(stage([item for item in chunk if isinstance(item, kind)]))
        for item in chunk:
            if isinstance(item, kind):
                yield next(made)
            else:
                yield item  # type: ignore[misc]  # it is no Given, hence an Other


def ahead(call: Callable[[Other], Made], items: Iterable[Other], threads: int) -> Iterator[Made]:
    """What a call makes of each item, in order; in threads, if there are several, some items before it is needed."""
    if threads < 2:
        yield from map(call, items)
        return
    waiting: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _some(kind: type[Given], items: Iterator[Given | Other]) -> Iterator[Given | Other]:
    """The next items: enough of a kind for a stage, not too much for the memory, and others not without end."""
    wanted = size = 0
    for item in islice(items, 4 * LINES_AT_ONCE):
        yield item
        wanted += isinstance(item, kind)
        size += getattr(getattr(item, "pixels", None), "nbytes", 0)
        if wanted == LINES_AT_ONCE or size >= BYTES_AT_ONCE:
            return


def guarded(id_: str, kind: str, name: str, call: Callable[[], Made]) -> Made | Failed:
    """What a component gives, or, whatever it raises, the failure of the item ``id_``, which names the component.

    ``call`` asks it, and raises PluginError if what it gives is junk.
    """
    try:
        return call()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's component may raise anything
        return Failed(id_, f"{kind} {name!r} {failure(error)}", lightened(error))


def lightened(error: BaseException) -> BaseException:
    """An error that says where it happened, and keeps nothing alive of what was made there, such as images."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__
    return error


def all_at_once(
    kind: str, name: str, items: Sequence[Given], call: Callable[[Sequence[Given]], Sequence[Made]]
) -> list[Made | Failed]:
    """What a component gives for many items; where it fails, for each half of them, to find those that it fails on."""
    if not items:
        return []
    made = guarded(items[0].id, kind, name, lambda: call(items))
    if not isinstance(made, Failed):
        return list(made)
    if len(items) == 1:
        return [made]
    half = len(items) // 2
    return all_at_once(kind, name, items[:half], call) + all_at_once(kind, name, items[half:], call)


def one_each(answer: Any, count: int) -> Sequence[Any]:
    """A component's answer to ``count`` items. Raises PluginError if it is not a list of so many."""
    if not isinstance(answer, list | tuple) or len(answer) != count:
        raise PluginError(f"gave {shown(answer)} for {count} line{'s' * (count != 1)}")
    return answer
