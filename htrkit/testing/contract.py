"""What the kits of several kinds share: how a broken promise is said, and what no component may do to its input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from htrkit.quoting import failure


class NonconformityError(AssertionError):
    """A component breaks its contract; says how, on which input, and what would have been right."""


def require(holds: bool, message: str) -> None:
    """Raise `NonconformityError` with the message unless ``holds``."""
    if not holds:
        raise NonconformityError(message)


@contextmanager
def promised(what: str, where: str = "", *allowed: type[Exception]) -> Iterator[None]:
    """Inside, nothing is raised but what is ``allowed``, which ends the block."""
    try:
        yield
    except allowed:
        pass
    except (NonconformityError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise NonconformityError(f"{what} {failure(error)} {where}".rstrip()) from error


@contextmanager
def unchanged(array: NDArray[np.generic], what: str) -> Iterator[None]:
    """Inside, an array keeps its values."""
    before = array.copy()
    array.flags.writeable = False
    try:
        yield
    except ValueError as error:
        require("read-only" not in str(error), f"{what} writes into its input")
        raise
    finally:
        require(np.array_equal(array, before), f"{what} changes its input")
