"""Options of the command line from the settings of a run, which say what they are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from htrkit.options import show
from htrkit.training.settings import described

# What the command line reads itself; all else is text, until Keras has been loaded.
READ_AS = {tuple[str, ...]: list[str], bool: bool, int: int, int | None: int, float: float}


def takes(function: Callable[..., None], *parameters: inspect.Parameter) -> None:
    """Let Typer see a function, which takes anything by keyword, with these parameters."""
    setattr(function, "__signature__", inspect.Signature(list(parameters)))  # noqa: B010 - it has no such attribute


def folder_and_resume(folder: str) -> tuple[inspect.Parameter, inspect.Parameter]:
    """``--out``, a folder, and ``--resume``."""
    out = typer.Option("--out", help=folder)
    required = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Path, out])
    return required, parameter("resume", bool, typer.Option("--resume", help="Go on with the run in --out."), False)


def parameters_of(
    settings: type[Any], names: Iterable[str] | None = None, *, argument: str = "", panel: str | None = None
) -> list[inspect.Parameter]:
    """What the command takes for some settings of a class, by default all; a setting is None unless it is given, for
    ``--resume`` to tell. One may be its ``argument``.
    """
    found = []
    defaults, setting_of = {one.name: one.default for one in fields(settings)}, described(settings)
    for name in setting_of if names is None else names:
        setting, default = setting_of[name], defaults[name]
        shown = setting.shown or (False if default in (None, ()) else show(default))
        look: dict[str, Any] = {"help": setting.help, "metavar": setting.metavar, "show_default": shown}
        kind = READ_AS.get(setting.annotation, str)
        if name == argument:
            found.append(parameter(name, kind, typer.Argument(**look)))
            continue
        option = setting.option or f"--{name.replace('_', '-')}"
        written = f"{option}/--no-{name}" if kind is bool else option
        found.append(parameter(name, kind, typer.Option(written, rich_help_panel=panel, **look)))
    return found


def parameter(name: str, kind: Any, described_as: Any, default: Any = None) -> inspect.Parameter:
    """One that may be left out."""
    taken = kind if default is not None else kind | None
    # written in brackets, mypy takes it for a type that it has to know
    annotation = Annotated.__class_getitem__((taken, described_as))  # type: ignore[attr-defined]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
