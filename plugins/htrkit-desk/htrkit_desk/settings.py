"""What a project is read with, in ``htrkit.json``, which people and other programs may write too."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from htrkit import InputError
from htrkit.files import whole
from htrkit_desk.found import inside

NAME = "htrkit.json"
LARGEST = 1 << 20
DEEPEST = 50
"""Objects and lists within each other: what writes them takes a part of the stack for each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The model, decoder and segmenter of a project, None for htrkit's own choice.

    Attributes
    ----------
    left_out
        Pages that are not to be shown: of files with several pages, of which one cannot be deleted.
    others
        What else the file holds, which stays.
    """

    model: str | None = None
    decoder: str | None = None
    segmenter: str | None = None
    left_out: tuple[str, ...] = ()
    others: dict[str, Any] = field(default_factory=dict)


CHOICES = ("model", "decoder", "segmenter")


def load(folder: Path) -> Settings:
    """The settings in a folder; the defaults if it has none.

    Raises
    ------
    InputError
        If the file cannot be understood.
    """
    path = folder / NAME
    try:
        if not path.exists():
            return Settings()
        if not inside(folder, path):
            raise ValueError("it is a link out of the folder")
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        values = writable(json.loads(path.read_text(encoding="utf-8")))
        if not isinstance(values, dict):
            raise TypeError("no object")
        chosen = {name: values.pop(name, None) for name in CHOICES}
        left_out = values.pop("left_out", [])
        if not all(value is None or isinstance(value, str) for value in (*chosen.values(), *left_out)):
            raise TypeError("a value is no text")
        return Settings(**chosen, left_out=tuple(left_out), others=values)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path} cannot be understood ({error}): mend it, or move it away") from None


def writable(value: Any) -> Any:
    """A value that was read, if it can be written again and sent.

    Raises
    ------
    ValueError
        If it holds half a character or a number that JSON does not have, or is nested too deeply.
    RecursionError
        If it is nested more deeply still.
    """
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    if _depth(value) > DEEPEST:
        raise ValueError("nested too deeply")
    return value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def save(folder: Path, settings: Settings) -> None:
    """Write the settings."""
    values = {name: value for name in CHOICES if (value := getattr(settings, name)) is not None}
    left_out = {"left_out": list(settings.left_out)} if settings.left_out else {}
    with whole(folder / NAME) as part:
        part.write_text(
            json.dumps({**values, **left_out, **settings.others}, ensure_ascii=False, indent=2) + "\n", "utf-8"
        )
