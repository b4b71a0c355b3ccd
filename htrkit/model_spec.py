"""Components that a model's description names; it may be a stranger's, and opens no file outside its folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args, get_origin

from htrkit import plugins
from htrkit.errors import ModelError
from htrkit.files import exists, is_file, is_folder
from htrkit.hookspecs import KINDS
from htrkit.model import Model
from htrkit.options import options_of
from htrkit.quoting import one_line
from htrkit.spec import Spec


def model_spec(
    model: Model,
    kind: str,
    written: str,
    *,
    given: Mapping[str, object] = MappingProxyType({}),
) -> Spec:
    """A component as `Spec.parse` understands it, whose options name what is declared, or the model's own files.

    Parameters
    ----------
    given
        Options that the user gives, who alone may name other files; they come before the description's.

    Raises
    ------
    ModelError
        If an option names another file.
    UsageError, PluginError
        As `Spec.parse`.
    """
    spec = Spec.parse(kind, written)
    described = {name: value for name, value in spec.options.items() if name not in given}
    types = {o.name: _types(o.annotation) for o in options_of(plugins.factory(kind, spec.name))} if described else {}
    try:
        own = {name: _own(model, value, types[name]) for name, value in described.items()}
    except ModelError as error:
        raise ModelError(f"model {model.folder}, {kind} {spec.name!r}: {error}") from None
    return replace(spec, options={**own, **given})


def _own(model: Model, value: object, types: set[object]) -> object:
    """An option's value, with a file in it led to the model's folder."""
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(_own(model, item, types) for item in value)
    if not isinstance(value, str | Path) or not types:
        return value
    text = str(value)
    if isinstance(value, str) and any(text.partition(";")[0] in plugins.names(kind) for kind in KINDS):
        return value
    inside = os.path.realpath(model.folder / text)
    if Path(inside).is_relative_to(os.path.realpath(model.folder)) and is_file(inside):
        return type(value)(inside)
    # What is not meant for a file's name may be one all the same, if the component takes it so.
    if Path in types or (exists(text) and not is_folder(text)):
        raise ModelError(
            f"{one_line(repr(text), 80)} is neither a declared name nor a file in the model's folder; "
            "give the option yourself to use another file"
        )
    return value


def _types(annotation: object) -> set[object]:
    """The types in an annotation, those in unions and lists too; of literals none."""
    if get_origin(annotation) is Literal:
        return set()
    return set().union(*map(_types, get_args(annotation))) if get_args(annotation) else {annotation}
