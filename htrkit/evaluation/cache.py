"""Arrays kept on disk under the hash of what they were computed from; whole or not there."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import HtrkitError
from htrkit.files import user_cache
from htrkit.types import LogProbs

VARIABLE = "HTRKIT_CACHE"
DAY = 86_400.0


def default_folder() -> Path:
    """``HTRKIT_CACHE``, or ``htrkit`` in the user's folder for what can be computed again."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    return user_cache()


def digest(*parts: object) -> str:
    """SHA-256 over the parts' types, lengths and contents: bytes and arrays as they are, the rest by ``repr``."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            total.update(f"array {part.dtype.str} {part.shape} ".encode())
            total.update(np.ascontiguousarray(part).data)
        else:
            content = part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogatepass")
            total.update(f"{type(part).__name__} {len(content)} ".encode())
            total.update(content)
    return total.hexdigest()


def code_digest(module: str) -> str:
    """A hash of the source of a module and of those beside it in its package, without importing it.

    What was computed by other code must not be taken for what this code computes.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin or not Path(spec.origin).exists():
        return module
    file = Path(spec.origin)
    beside = sorted(file.parent.glob("*.py")) if "." in module or spec.submodule_search_locations else []
    return digest(*(path.read_bytes() for path in beside or [file]))


class ArrayCache:
    """A folder of arrays, one file each.

    A file is written under a temporary name first, so that a run that is killed leaves no half of one; several runs
    may use the folder at once. It may be deleted at any time.

    Parameters
    ----------
    folder
        Made if it is not there.

    Raises
    ------
    HtrkitError
        If it cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers()
        except OSError as error:
            raise _unusable(folder, error) from error

    def __contains__(self, key: str) -> bool:
        return key in self._known or self._path(key).exists()

    def get(self, key: str, columns: int) -> LogProbs | None:
        """The array, or None if it is not there or damaged.

        Parameters
        ----------
        columns
            What its second axis must have.
        """
        try:
            array: NDArray[np.float32] = np.load(self._path(key), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        whole = array.ndim == 2 and array.shape[1] == columns and array.dtype == np.float32
        return array if whole else None

    def put(self, key: str, array: LogProbs) -> None:
        """Keep an array.

        Raises
        ------
        HtrkitError
            If it cannot be written: a full disk, say.
        """
        path = self._path(key)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                np.save(file, np.asarray(array, np.float32), allow_pickle=False)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise _unusable(self.folder, error) from error
        self._known.add(key)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.npy"

    def _remove_leftovers(self) -> None:
        """Parts that runs left when they were killed; younger ones may be another run's that is still writing."""
        for part in self.folder.glob("*/*.part"):
            if time.time() - part.stat().st_mtime > DAY:
                part.unlink(missing_ok=True)


def _unusable(folder: Path, error: OSError) -> HtrkitError:
    why = error.strerror or error
    return HtrkitError(f"cannot use {folder} as cache: {why}; choose another folder with --cache or {VARIABLE}")
