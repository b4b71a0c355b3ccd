"""Type annotations put to work: described for people, checked against a value, applied to a text."""

from __future__ import annotations

import inspect
import math
import numbers
import os
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def describe(annotation: object) -> str:
    """An annotation in a few words: ``int``, ``words|ngrams``, ``list of str``, ``int or none``, ``path``."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return describe(args[0])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(describe, sorted(args, key=lambda arg: arg is types.NoneType))))
    if origin is Literal:
        return "|".join(map(str, args))
    if _is_iterable(origin):
        return f"list of {describe(args[0])}"
    if annotation is types.NoneType or annotation is None:
        return "none"
    if annotation is Path:
        return "path"
    if annotation in (Any, inspect.Parameter.empty):
        return "any"
    if isinstance(annotation, type):
        return annotation.__name__
    return annotation if isinstance(annotation, str) else str(annotation).removeprefix("typing.").lower()


def convert(text: str, annotation: object) -> object:
    """The value that ``text`` stands for under an annotation.

    ``none`` gives None where the annotation allows it; lists are separated by commas. Under an annotation that
    has no form as text, such as a class, the text itself is the value.

    Raises
    ------
    ValueError
        If the text does not fit.
    """
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return convert(text, args[0])
    if origin in (Union, types.UnionType):
        return _convert_union(text, args)
    if origin is Literal:
        return next(value for value in args if str(value) == text) if text in map(str, args) else _refuse(text)
    if _is_iterable(origin):
        return _convert_list(text, origin, args)
    return _CONVERTERS.get(annotation, str)(text)


def fits(value: object, annotation: object) -> bool:
    """Whether a Python value fits an annotation; of an annotation that is not understood, every value does."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return fits(value, args[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, arg) for arg in args)
    if origin is Literal:
        return value in args
    if _is_iterable(origin):
        return isinstance(value, Iterable) and not isinstance(value, str | bytes)
    check = _CHECKS.get(annotation)
    return check is None or check(value)


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _float(text: str) -> float:
    value = float(text)
    return _refuse(text) if math.isnan(value) else value


def _convert_union(text: str, members: tuple[object, ...]) -> object:
    if types.NoneType in members and text.strip().lower() == "none":
        return None
    # Any text is a str and a Path, so these come last, and classes that no text stands for are not tried at all.
    strict = [member for member in members if member in _CONVERTERS or get_origin(member) is Literal]
    for member in sorted(strict, key=lambda member: _LAST.get(member, 0)):
        try:
            return convert(text, member)
        except ValueError:
            continue
    rest = [member for member in members if member not in strict and member is not types.NoneType]
    return convert(text, rest[0]) if rest else _refuse(text)


def _convert_list(text: str, origin: Any, args: tuple[object, ...]) -> object:
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    if origin is not tuple or (len(args) == 2 and args[1] is Ellipsis):
        values = [convert(item, args[0]) for item in items]
    elif len(items) == len(args):
        values = [convert(item, arg) for item, arg in zip(items, args, strict=True)]
    else:
        return _refuse(text)
    return values if origin is list else frozenset(values) if origin in (set, frozenset) else tuple(values)


def _is_iterable(origin: object) -> bool:
    return isinstance(origin, type) and issubclass(origin, Iterable) and not issubclass(origin, dict)


_CONVERTERS: dict[object, Callable[[str], object]] = {
    int: int,
    float: _float,
    bool: lambda text: BOOLEANS[text.lower()] if text.lower() in BOOLEANS else _refuse(text),
    str: str,
    Path: Path,
}

_LAST: dict[object, int] = {str: 1, Path: 2}

_CHECKS: dict[object, Callable[[object], bool]] = {
    int: lambda value: isinstance(value, numbers.Integral) and not isinstance(value, bool),
    float: lambda value: isinstance(value, numbers.Real) and not isinstance(value, bool),
    bool: lambda value: isinstance(value, bool),
    str: lambda value: isinstance(value, str),
    Path: lambda value: isinstance(value, str | os.PathLike),
    types.NoneType: lambda value: value is None,
    None: lambda value: value is None,
}
