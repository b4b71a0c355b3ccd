"""Preprocessing steps by name, with their options, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from htrkit import plugins
from htrkit.types import Line, Preprocessor


def build_steps(names: Sequence[str]) -> list[Preprocessor]:
    """Steps from ``name`` or ``name:key=value:key=value``, as declared by plugins.

    Raises
    ------
    UsageError
        If a step or one of its options does not exist or does not fit.
    """
    parsed = [plugins.parse("preprocessor", written) for written in names]
    return [plugins.create("preprocessor", name, **options) for name, options in parsed]


def apply_steps(steps: Iterable[Preprocessor], line: Line) -> Line:
    """The line after all steps, one after the other."""
    for step in steps:
        line = step(line)
    return line
