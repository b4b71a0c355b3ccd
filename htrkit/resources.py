"""A model, lexicon or language model by its declared name or by the path of a user's own."""

from __future__ import annotations

import os
from pathlib import Path

from htrkit import plugins
from htrkit.errors import PluginError, UsageError
from htrkit.files import exists
from htrkit.spec import Spec


def resource(kind: str, name_or_path: str | Path | None) -> Path:
    """The file or folder that an option such as ``lexicon=english`` or ``--model ./letters`` means.

    A declared name, with options after a colon, comes before a file of the same name; write ``./english`` for that
    file.

    Parameters
    ----------
    kind
        ``model``, ``lexicon`` or ``language model``.
    name_or_path
        What the option holds; None for the first that htrkit itself brings.

    Raises
    ------
    UsageError
        If it is neither a name nor a path that exists; the message lists the names.
    PluginError
        If what is declared under the name cannot be had, or is no file.
    """
    found = declared_or_path(kind, name_or_path)
    if not isinstance(found, str | os.PathLike):
        raise PluginError(f"{kind} {name_or_path} is no file or folder")
    return Path(found)


def declared_or_path(kind: str, name_or_path: str | Path | None) -> object:
    """`resource`, or whatever else the factory of a declared one gives."""
    if name_or_path is None:
        name_or_path = plugins.default(kind)
    if isinstance(name_or_path, str) and not _is_path(kind, name_or_path):
        return Spec.parse(kind, name_or_path).create()
    path = Path(name_or_path)
    if exists(path):
        return path
    names = ", ".join(plugins.names(kind)) or "none is installed"
    raise UsageError(f"there is no {kind} {path}; give a path that exists or a name: {names}")


def is_foreign(kind: str, name_or_path: str | Path | None) -> bool:
    """Whether such an option means, or names in an option of its own, a file that may come from anybody."""
    if not isinstance(name_or_path, str):
        return name_or_path is not None
    return "=" in name_or_path or _is_path(kind, name_or_path)


def _is_path(kind: str, text: str) -> bool:
    name, colon, _ = text.partition(":")
    if name in plugins.names(kind) and (not colon or "=" in text):
        return False
    return os.sep in text or "/" in text or exists(text)


def shipped(folder: str, file: str) -> Path:
    """A file that htrkit ships in ``lexicons/``: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "_lexicons" / folder / file
    return installed if installed.exists() else package.parent / "lexicons" / folder / file
