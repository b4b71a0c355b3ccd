"""All that touches disks: files whole or not at all, journals of what is done, digests, the cache's folder."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar

import platformdirs

from htrkit.errors import HtrkitError
from htrkit.quoting import one_line

if TYPE_CHECKING:  # the command line names files before it needs arrays
    from numpy.typing import NDArray

CACHE = "HTRKIT_CACHE"
PART = "part-"
"""What the names of unfinished files begin with."""
DAY = 86_400.0
SEAL = 32
"""Bytes of the SHA-256 at the end of a sealed file."""
# Systems allow a name 255 bytes; the temporary name keeps that much of the end, for libraries that look at the suffix.
_NAME_KEPT = 40
# These lead to whatever the process has open: a regular file there must be written through, not replaced.
_OPEN_STREAMS = ("/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")

Row = TypeVar("Row")


@contextmanager
def whole(
    path: Path, *, sync: bool = True, kept: Callable[[Path], None] | None = None, room: Path | None = None
) -> Iterator[Path]:
    """A name to write to; the file takes the name ``path`` once the block has ended well.

    If the block fails, or is interrupted, nothing is left of it, and what ``path`` held before stays. The name ends as
    ``path`` does and is another in every call, so that several processes may write at once: the last one wins. A link
    stays, and the file that it leads to is replaced. What is no file (a pipe, ``/dev/null``) is written to directly.

    Raises OSError if the file cannot be written, or ``path`` is a folder; it is the caller who knows what to say then.

    Parameters
    ----------
    sync
        Wait until the disk has the content, so that not even a power cut leaves half of it.
    kept
        Keep what a failed block has written, as ``NAME.part``, and call this with its path.
    room
        A folder on the same disk, in which the unfinished file stands; by default that of ``path``. A process that is
        killed leaves it behind there.
    """
    if is_stream(path):
        yield path
        return
    target = Path(os.path.realpath(path))
    part = (room or target.parent) / f"{PART}{secrets.token_hex(6)}-{target.name[-_NAME_KEPT:]}"
    try:
        yield part
        if sync:
            with part.open("rb+") as written:
                os.fsync(written.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename in (part, str(part)):
            error.filename = str(path)
        if kept is not None and part.exists() and part.stat().st_size:
            kept(part.replace(target.with_name(f"{target.name}.part")))
        raise
    finally:
        part.unlink(missing_ok=True)


def put_sealed(path: Path, content: bytes) -> None:
    """Keep what can be computed again; `sealed` gives it back. Raises OSError if it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, sync=False) as part:
        part.write_bytes(content + _seal(path, content))


def sealed(path: Path) -> bytes:
    """What `put_sealed` wrote under this name.

    Raises OSError if it cannot be read; ValueError if it is damaged, or was written under another name or by another
    program.
    """
    content = path.read_bytes()
    content, seal = content[:-SEAL], content[-SEAL:]
    if seal != _seal(path, content):
        raise ValueError(f"{path} is damaged")
    return content


def _seal(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + content).digest()


def is_stream(path: Path) -> bool:
    """Whether what is written there goes to whoever reads it, and replaces nothing: a pipe, ``/dev/stdout``.

    Raises OSError if it is a folder.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file", str(path))
    return not stat.S_ISREG(mode) or str(path).startswith(_OPEN_STREAMS)


class Journal(Generic[Row]):
    """Rows appended to a file of JSON lines as they come, so that a run that is killed goes on where it was.

    Raises HtrkitError if the file cannot be read or written.

    Parameters
    ----------
    path
        The file; ``rows`` has what it holds from an earlier run. Half a row at its end is cut off; a row that is
        damaged ends the journal before it, with a warning.
    parse
        A row from its JSON value. A ValueError, TypeError, KeyError or the like says that it is none.
    values
        The JSON value of a row.
    """

    def __init__(self, path: Path, parse: Callable[[object], Row], values: Callable[[Row], object]) -> None:
        self.path = path
        self.rows: list[Row] = []
        self._values = values
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("a+b")
            self._file.seek(0)
            self._file.truncate(self._read(parse))
        except OSError as error:
            raise self._unusable(error) from error

    def _read(self, parse: Callable[[object], Row]) -> int:
        """Take the rows that are whole; how many bytes they are."""
        size = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            try:
                row = parse(json.loads(line))
            except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
                warnings.warn(
                    f"{self.path} is damaged after {len(self.rows)} rows, which are kept; the others are done again",
                    stacklevel=3,
                )
                break
            self.rows.append(row)
            size += len(line)
        return size

    def add(self, row: Row) -> None:
        """Keep a row. Raises HtrkitError if it cannot be written."""
        try:
            self._file.write(json.dumps(self._values(row)).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._unusable(error) from error
        self.rows.append(row)

    def close(self) -> None:
        """Leave the file for a later run."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file: all is done."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _unusable(self, error: OSError) -> HtrkitError:
        return HtrkitError(f"cannot keep what is done in {self.path}: {error.strerror or error}")


def arrays_in(path: Path, names: Sequence[str], *, most: int) -> dict[str, NDArray[Any]]:
    """Arrays of an ``.npz`` file that unpacks to so many bytes at ``most``; pickles are refused.

    Raises OSError if it cannot be read; ValueError if it is no such file, is damaged, lacks one of the arrays, or
    unpacks to more: one of a few kilobytes can claim terabytes.
    """
    import numpy as np

    if path.exists() and not path.is_file():
        raise ValueError("it is no regular file")  # some devices have no end
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
        if sum(member.file_size for member in members) > most:
            raise ValueError(f"it unpacks to more than {most >> 30} GiB")
        if not {member.compress_type for member in members} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError("it is packed in a way that NumPy does not know")  # LZMA may ask for any memory
        with np.load(path, allow_pickle=False) as arrays:
            missing = [name for name in names if name not in arrays]
            if missing:
                raise ValueError(f"{' and '.join(missing)} is missing; wanted are {', '.join(names)}")
            found = {name: arrays[name] for name in names}
            for name, array in found.items():
                if not isinstance(array, np.ndarray):  # a member whose name does not end in .npy
                    raise ValueError(f"{name} is no array")
                if array.dtype.kind == "U" and _code_points(array).max(initial=0) > sys.maxunicode:
                    raise ValueError(f"{name} has what is no character")
            return found
    except (OSError, ValueError):
        raise
    except Exception as error:  # on hostile bytes zipfile, zlib and NumPy raise nearly anything
        raise ValueError(one_line(str(error), 120) or type(error).__name__) from error


def _code_points(texts: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.frombuffer(texts.tobytes(), f"{texts.dtype.byteorder}u4")


def is_file(path: Path) -> bool:
    """Whether it is a file; a name that no system allows is none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises if the name is too long


def absolute(path: str | Path) -> Path:
    """A path from the root, without following links."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve follows them


def natural(path: Path) -> tuple[object, ...]:
    """Sorts paths as people do, folder by folder, ``line 2`` before ``line 10``."""
    names = [re.split(r"(\d+)", name) for name in path.parts]
    return [[int(part) if i % 2 else part for i, part in enumerate(name)] for name in names], str(path)


def digest(*parts: object) -> str:
    """SHA-256 over the parts' types, lengths and contents: bytes and arrays as they are, the rest by ``repr``."""
    import numpy as np

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


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_cache() -> Path:
    """The folder for what can be computed again: ``$HTRKIT_CACHE``, or ``htrkit`` in the user's cache folder.

    Raises HtrkitError if there is no home folder.
    """
    if chosen := os.environ.get(CACHE):
        return Path(chosen)
    try:
        return platformdirs.user_cache_path("htrkit", appauthor=False).expanduser()
    except RuntimeError:
        raise HtrkitError(f"there is no home folder for a cache: name a folder in {CACHE}") from None


def keep_in_cache(variable: str, folder: str) -> None:
    """Have a library that writes into the user's home write there instead, unless this variable says where already.

    Parameters
    ----------
    variable
        Of the environment, which the library looks at when it is imported.
    folder
        In the cache.
    """
    with suppress(HtrkitError):  # no home folder
        os.environ.setdefault(variable, str(user_cache() / folder))
