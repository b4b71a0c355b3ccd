"""What the kits of several kinds share: how a broken promise is said, and what no component may do to its input."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def junk_like(path: Path) -> Iterator[list[tuple[str, Path]]]:
    """Paths of the same name that lead to nothing whole, each with what it is; they are gone afterwards."""
    content = path.read_bytes() if path.is_file() else b""
    contents = {
        "on an empty file": b"",
        "on noise": np.random.default_rng(0).bytes(1000),
        "on half of the file": content[: len(content) // 2],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        junk = [("on no file", folder / path.name), ("on an empty folder", folder / "empty" / path.name)]
        junk[-1][1].mkdir(parents=True)
        for number, (what, junk_content) in enumerate(contents.items()):
            (folder / str(number)).mkdir()
            junk.append((what, folder / str(number) / path.name))
            junk[-1][1].write_bytes(junk_content)
        yield junk
