"""Text files as the readers take them: UTF-8, with or without a byte order mark, or refused."""

from __future__ import annotations

from pathlib import Path

from htrkit.errors import InputError


def read_text(path: Path) -> str:
    """The file's text; line ends are left as they are.

    Raises
    ------
    InputError
        If the file cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
