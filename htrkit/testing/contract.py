"""What the kits of several kinds share: how a broken promise is said, and what no component may do to its input."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import HtrkitError
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


def check_junk(component: Any, give: str, path: Path) -> None:
    """Paths of the same name that lead to nothing whole are looked at quietly, and refused where they are read.

    ``give`` is the method that reads them.
    """
    content = path.read_bytes() if path.is_file() else b""
    junk = {
        "on no file": None,
        "on an empty folder": None,
        "on an empty file": b"",
        "on noise": np.random.default_rng(0).bytes(1000),
        "on half of the file": content[: len(content) // 2],
    }
    for where, junk_content in junk.items():
        with tempfile.TemporaryDirectory() as folder:
            junk_path = Path(folder, path.name)
            if junk_content is not None:
                junk_path.write_bytes(junk_content)
            elif where == "on an empty folder":
                junk_path.mkdir()
            with promised("accepts", where):
                require(isinstance(component.accepts(junk_path), bool), f"accepts gives no bool {where}")
            with promised(give, f"{where}, instead of InputError", HtrkitError):
                list(getattr(component, give)(junk_path))
