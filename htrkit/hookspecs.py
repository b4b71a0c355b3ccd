"""The hooks through which every component, htrkit's own included, makes itself known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pluggy

PROJECT = "htrkit"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class Component:
    """A component that a plugin offers under a name.

    Attributes
    ----------
    name
        What users type: ``beam-lm``.
    summary
        One line, shown in listings.
    factory
        ``module:attribute``, imported only when somebody asks for the component by name.
    """

    name: str
    summary: str
    factory: str
