"""How a long measurement tells of its progress."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Stage = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""Called with what begins and how many lines it has; gives what is told of lines done."""


def quiet(what: str, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
    """A `Stage` that shows nothing."""
    return nullcontext(lambda count: None)
