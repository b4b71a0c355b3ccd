"""Whose a file is: the components of a kind that look at files, and those of them that take one for their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from htrkit import plugins
from htrkit.errors import HtrkitError
from htrkit.host import warn
from htrkit.stream import guarded
from htrkit.types import Failed


class Owners:
    """Components of a kind with ``accepts``, each made when it is first asked; one that cannot be had is warned of.

    Parameters
    ----------
    kind
        ``source`` or ``reader``.
    names
        In the order in which they are asked.
    made
        Those that are made already, by name.
    """

    def __init__(self, kind: str, names: Iterable[str], made: dict[str, Any] | None = None) -> None:
        self.kind, self._names = kind, tuple(names)
        self._made: dict[str, Any] = made or {}

    def of(self, path: Path) -> Iterator[tuple[str, Any]]:
        """The components that accept a file or folder, with their names."""
        for name in self._names:
            component = self._component(name)
            if component is not None and self._accepts(name, component, path):
                yield name, component

    def _component(self, name: str) -> Any:
        if name not in self._made:
            try:
                self._made[name] = plugins.create(self.kind, name)
            except HtrkitError as error:
                warn(str(error))
                self._made[name] = None
        return self._made[name]

    def _accepts(self, name: str, component: Any, path: Path) -> bool:
        answer = guarded(str(path), self.kind, name, lambda: bool(component.accepts(path)))
        if isinstance(answer, Failed):
            warn(f"{answer.reason}, asked whether {path} is its own")
            return False
        return answer
