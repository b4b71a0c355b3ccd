"""Arrays kept on disk under the hash of what they were computed from; whole and as they were written, or not there."""

from __future__ import annotations

import io
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from htrkit.errors import HtrkitError
from htrkit.files import CACHE, DAY, PART, digest, put_sealed, sealed
from htrkit.types import LogProbs


def code_digest(module: str) -> str:
    """A hash of every source file of the package that a module is in, without importing the module.

    What was computed by other code must not be taken for what this code computes.
    """
    spec = find_spec(module)
    if spec is None or not spec.origin or not Path(spec.origin).exists():
        return module
    file = Path(spec.origin)
    in_package = "." in module or spec.submodule_search_locations
    return digest(*(path.read_bytes() for path in (sorted(file.parent.rglob("*.py")) if in_package else [file])))


def remove_leftovers(folder: Path) -> None:
    """Remove what killed runs left unfinished in a folder; what is younger than a day may still be written.

    Raises OSError if one cannot be removed.
    """
    for part in folder.rglob(f"{PART}*"):
        if time.time() - part.stat().st_mtime > DAY:
            part.unlink(missing_ok=True)


class ArrayCache:
    """A folder of arrays, made if it is not there: one ``.npy`` file each, sealed.

    Several runs may use it at once, and it may be deleted at any time. Raises HtrkitError if it cannot be made or
    written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder)
        except OSError as error:
            raise _unusable(folder, error) from error

    def get(self, key: str, columns: int) -> LogProbs | None:
        """The array, or None if it is not there, damaged, another program's, or has other ``columns``."""
        try:
            array: LogProbs = np.load(io.BytesIO(sealed(self._path(key))), allow_pickle=False)
        except (OSError, ValueError):
            return None
        return array if array.ndim == 2 and array.shape[1] == columns else None

    def put(self, key: str, array: LogProbs) -> None:
        """Keep an array. Raises HtrkitError if it cannot be written: a full disk, say."""
        file = io.BytesIO()
        np.save(file, np.asarray(array, np.float32), allow_pickle=False)
        try:
            put_sealed(self._path(key), file.getvalue())
        except OSError as error:
            raise _unusable(self.folder, error) from error

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.npy"


def _unusable(folder: Path, error: OSError) -> HtrkitError:
    why = error.strerror or error
    return HtrkitError(f"cannot use {folder} as cache: {why}; choose another folder with --cache or {CACHE}")
