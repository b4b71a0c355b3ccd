"""Preprocessing steps by name, with their options, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from htrkit.spec import Spec
from htrkit.types import Line, Preprocessor


def build_steps(names: Sequence[str]) -> list[Preprocessor]:
    """Steps from ``name`` or ``name:key=value,key=value``, as declared by plugins.

    Raises
    ------
    UsageError
        If a step or one of its options does not exist or does not fit.
    """
    return [Spec.parse("preprocessor", written).create() for written in names]


def apply_steps(steps: Iterable[Preprocessor], line: Line) -> Line:
    """The line after all steps, one after the other."""
    for step in steps:
        line = step(line)
    return line
