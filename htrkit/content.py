"""What is in files that may come from anybody: read within limits, or refused in one sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from htrkit.errors import InputError, ModelError


def content_of(path: Path, name: str, most: int) -> bytes:
    """The bytes of a file; of one with more than ``most``, one more than that, by which the caller knows.

    Raises InputError if it cannot be read; the message begins with ``name``.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name}: a folder in which no image can be found") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise InputError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def description_in(folder: Path, name: str, most: int, lacking: str) -> Any:
    """The JSON value of the file that describes a folder's other files.

    Raises ModelError if there is none, which ``lacking`` says of the folder, or it cannot be read or is larger.
    """
    path = folder / name
    try:
        if not path.is_file():
            raise ModelError(f"{folder} {lacking}: it has no {name}")
        if path.stat().st_size > most:
            raise ModelError(f"{path} is too large to be a description")
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error


def described_file(path: Path, sha256: str, most: int, description: str) -> bytes:
    """The content of a file whose digest a ``description`` beside it gives.

    Raises ModelError if it is missing, cannot be read, is larger, or is another file.
    """
    try:
        if not path.is_file():
            raise ModelError(f"{path.parent} is incomplete: {path.name} is missing; copy the whole folder")
        if path.stat().st_size > most:
            raise ModelError(f"{path} is larger than {most / 2**30:g} GiB, which no network needs")
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"{path} is not the file that {description} describes: altered or half copied; get it anew")
    return content


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
