"""Preprocessing steps by name, with their options, in order; one that fails on a line costs that line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from htrkit import pixels
from htrkit.contracts import Preprocessor
from htrkit.errors import PluginError, ShapeError
from htrkit.quoting import shown
from htrkit.spec import Spec
from htrkit.stream import guarded
from htrkit.types import Failed, Line


@dataclass(frozen=True, slots=True)
class Step:
    """A preprocessor that is asked by name, and whose answers are checked.

    Attributes
    ----------
    name
        What the user calls it.
    preprocessor
        What cleans.
    """

    name: str
    preprocessor: Preprocessor

    def __call__(self, line: Line) -> Line:
        """The cleaned line; it stands where the line stood.

        Raises
        ------
        PluginError
            If the preprocessor gives no such line. What it raises itself is passed on.
        """
        cleaned: object = self.preprocessor(line)
        if not isinstance(cleaned, Line) or cleaned.id != line.id:
            raise PluginError(f"gave {shown(cleaned)} instead of the line, cleaned")
        try:
            pixels.check_line(cleaned.pixels)
        except ShapeError as error:
            raise PluginError(f"gave a line whose {error}") from error
        return cleaned if cleaned.place == line.place else replace(cleaned, place=line.place)


def build_steps(names: Sequence[str], parse: Callable[[str, str], Spec] = Spec.parse) -> list[Step]:
    """Steps from ``name`` or ``name:key=value,key=value``, as declared by plugins.

    Raises
    ------
    UsageError
        If a step or one of its options does not exist or does not fit.
    """
    specs = [parse("preprocessor", written) for written in names]
    return [Step(spec.name, spec.create()) for spec in specs]


def apply_steps(steps: Iterable[Step], line: Line) -> Line | Failed:
    """The line after all steps, one after the other, or why there is none."""
    try:
        pixels.check_line(line.pixels)
    except ShapeError as error:
        return Failed(line.id, str(error), error)
    for step in steps:
        cleaned = guarded(line.id, "preprocessor", step.name, partial(step, line))
        if isinstance(cleaned, Failed):
            return cleaned
        line = cleaned
    return line
