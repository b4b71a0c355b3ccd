"""A model, lexicon or language model by its declared name or by the path of a user's own."""

from __future__ import annotations

import os
from pathlib import Path

from htrkit import plugins
from htrkit.errors import UsageError


def resource(kind: str, name_or_path: str | Path | None) -> Path:
    """The file or folder that an option such as ``lexicon=english`` or ``--model ./letters`` means.

    A declared name comes before a file of the same name; write ``./english`` for that file.

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
    """
    if name_or_path is None:
        name_or_path = plugins.default(kind)
    if is_foreign(kind, name_or_path):
        path = Path(name_or_path)
        if _exists(path):
            return path
        names = ", ".join(plugins.names(kind)) or "none is installed"
        raise UsageError(f"there is no {kind} {path}; give a path that exists or a name: {names}")
    return Path(plugins.create(kind, str(name_or_path)))


def is_foreign(kind: str, name_or_path: str | Path | None) -> bool:
    """Whether such an option means a user's own file, of which nobody knows where it comes from."""
    if name_or_path is None:
        return False
    looks_like_path = isinstance(name_or_path, Path) or os.sep in name_or_path or "/" in name_or_path
    return looks_like_path or (_exists(Path(name_or_path)) and str(name_or_path) not in plugins.names(kind))


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises if the name is too long


def shipped(folder: str, file: str) -> Path:
    """A file that htrkit ships in ``lexicons/``: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "_lexicons" / folder / file
    return installed if installed.exists() else package.parent / "lexicons" / folder / file
