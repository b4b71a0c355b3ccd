"""All that touches disks: files whole or not at all, what is there, digests, the cache's folder."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
OF_A_NAME = (
    *(errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    *(errno.EINVAL, errno.EILSEQ),
)
"""What may be wrong with the name of one file, where others can be written."""
# Systems allow a name 255 bytes; the temporary name keeps that much of the end, for libraries that look at the suffix.
_NAME_KEPT = 40
# These lead to whatever the process has open: a regular file there must be written through, not replaced.
_OPEN_STREAMS = ("/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")


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


def exists(path: str | Path) -> bool:
    """Whether something is there; nothing is under a name that no system allows, for which Path's own raises."""
    return os.path.exists(path)  # noqa: PTH110 - as Path.exists raises


def is_file(path: str | Path) -> bool:
    """Whether it is a file; as `exists`, of any name."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | Path) -> bool:
    """Whether it is a folder; as `exists`, of any name."""
    return os.path.isdir(path)  # noqa: PTH112


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
