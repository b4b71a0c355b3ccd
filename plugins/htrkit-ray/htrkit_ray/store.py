"""The folder of the results, on any file system that fsspec knows."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from htrkit import HtrkitError, UsageError
from htrkit.files import OF_A_NAME, whole
from htrkit.quoting import one_line

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class UnfitNameError(HtrkitError):
    """A file cannot be written for its name's sake; others can."""


def is_inside(name: str) -> bool:
    """Whether a name, which strangers may have written, stays below the folder that it is put behind."""
    path = PurePath(name)
    return bool(name) and "\0" not in name and not path.anchor and ".." not in path.parts


class Store:
    """Files under a folder, each there whole or not at all.

    Parameters
    ----------
    url
        A path, or a URL of any file system that fsspec knows. On this machine's, names that lead out of it are refused.

    Raises
    ------
    UsageError
        If fsspec does not know it.
    """

    def __init__(self, url: str) -> None:
        try:
            self._fs, self._root = url_to_fs(url)
        except (ValueError, ImportError) as error:  # no such kind of file system, or its package is missing
            raise UsageError(f"{url} is no place for results: {one_line(str(error))}") from error
        self._is_local = isinstance(self._fs, LocalFileSystem)
        self._unfinished = Path(self._root, ".unfinished")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes here while the block runs, on this machine's file systems.

        Raises
        ------
        HtrkitError
            If somebody does, or the folder cannot be written to, or not be reached.
        """
        if not self._is_local or fcntl is None:
            yield
            return
        lock = Path(self._root, ".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            lock.touch()
        except OSError as error:
            raise HtrkitError(f"{self._root} cannot be written to: {error.strerror or error}") from error
        with lock.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HtrkitError(f"another htrkit bulk writes to {self._root}: wait for its end") from error
            except OSError:  # a file system without locks
                pass
            shutil.rmtree(self._unfinished, ignore_errors=True)  # of a run that was killed
            yield

    def put(self, name: str, content: bytes) -> None:
        """Write a file.

        Raises
        ------
        UnfitNameError
            If it is the name's fault that it cannot be written.
        HtrkitError
            If it cannot be written for another reason, such as a full disk; or what the file system raises.
        """
        path = self._path(name)
        try:
            self._put(path, content)
        except OSError as error:
            said = f"cannot write {path}: {error.strerror or one_line(str(error))}"
            if self._is_of_the_name(error):
                raise UnfitNameError(said) from error
            raise HtrkitError(f"{said}; the same command goes on from here") from error

    def _path(self, name: str) -> str:
        if self._is_local and not is_inside(name):
            raise HtrkitError(f"{one_line(name)} is no file's name in {self._root}")
        return f"{self._root}/{name}"

    def _put(self, path: str, content: bytes) -> None:
        if self._is_local:
            for folder in (self._unfinished, Path(path).parent):
                folder.mkdir(parents=True, exist_ok=True)
            with whole(Path(path), room=self._unfinished) as part:
                part.write_bytes(content)
            return
        try:  # object stores show an object when all of it is there, and have no folders
            self._fs.pipe_file(path, content)
        except FileNotFoundError:
            self._fs.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            self._fs.pipe_file(path, content)

    def _is_of_the_name(self, error: OSError) -> bool:
        # elsewhere the same numbers may mean the whole place: a bucket that is missing
        return self._is_local and error.errno in OF_A_NAME

    def get(self, name: str, last: int = 0) -> bytes | None:
        """A file's content, or as many bytes at its end; None if there is no such file, or can be none."""
        path = self._path(name)
        try:
            start = max(0, self._fs.info(path)["size"] - last) if last else 0
            content: bytes = self._fs.cat_file(path, start=start or None)
        except OSError as error:
            if isinstance(error, FileNotFoundError) or self._is_of_the_name(error):
                return None
            raise
        return content

    def has(self, name: str, size: int | None = None) -> bool:
        """Whether there is a file, of that size if one is named."""
        path = self._path(name)
        try:
            found = self._fs.info(path)
        except OSError as error:
            if isinstance(error, FileNotFoundError) or self._is_of_the_name(error):
                return False
            raise
        return found["type"] == "file" and found["size"] in ([size] if size is not None else range(1, sys.maxsize))

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted."""
        try:
            found = self._fs.ls(f"{self._root}/{folder}", detail=True, refresh=True)
        except FileNotFoundError:
            return []
        return sorted(PurePosixPath(one["name"]).name for one in found if one["type"] != "directory")

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._fs.rm_file(self._path(name))
