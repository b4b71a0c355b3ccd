"""Type annotations put to work: described for people, checked against a value, applied to a text."""

from __future__ import annotations

import math
import numbers
import os
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class _Simple(NamedTuple):
    words: str
    convert: Callable[[str], object]
    fits: Callable[[object], bool]


def _number(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind) and not isinstance(value, bool)


_NONE = _Simple("none", lambda text: {"none": None}[text.strip().lower()], lambda value: value is None)
_SIMPLE: Mapping[Any, _Simple] = {
    int: _Simple("int", int, _number(numbers.Integral)),
    float: _Simple("float", float, _number(numbers.Real)),
    bool: _Simple("bool", lambda text: BOOLEANS[text.lower()], lambda value: isinstance(value, bool)),
    str: _Simple("str", str, lambda value: isinstance(value, str)),
    Path: _Simple("path", Path, lambda value: isinstance(value, str | os.PathLike)),
    Any: _Simple("any", str, lambda value: True),
    None: _NONE,
    types.NoneType: _NONE,
}


def describe(annotation: object) -> str:
    """An annotation in a few words: ``int``, ``words|ngrams``, ``list of str``, ``int or none``, ``path``."""
    annotation, origin, args = _parts(annotation)
    if origin is Union:
        return " or ".join(dict.fromkeys(map(describe, sorted(args, key=lambda arg: arg is types.NoneType))))
    if origin is Literal:
        return "|".join(map(str, args))
    if origin is list:
        return f"list of {describe(args[0])}"
    return _SIMPLE[annotation].words if annotation in _SIMPLE else getattr(annotation, "__name__", str(annotation))


def convert(text: str, annotation: object) -> object:
    """The value that ``text`` stands for under an annotation.

    ``none`` gives None where the annotation allows it; lists are separated by commas. No text fits a class that is not
    known here; an annotation that is itself a text, for it names what is imported for type checkers only, takes all.

    Raises ValueError if the text does not fit.
    """
    annotation, origin, args = _parts(annotation)
    try:
        if origin is Union:
            return _converted_union(text, args)
        if origin is list:
            return _converted_list(text, get_origin(annotation), args)
        if origin is Literal:
            return {str(value): value for value in args}[text]
        value = text if isinstance(annotation, str) else _SIMPLE[annotation].convert(text)
    except KeyError:
        raise ValueError(text) from None
    if isinstance(value, float) and math.isnan(value):
        raise ValueError(text)
    return value


def fits(value: object, annotation: object) -> bool:
    """Whether a Python value fits an annotation; of an annotation that is not understood, every value does."""
    annotation, origin, args = _parts(annotation)
    if origin is Union:
        return any(fits(value, arg) for arg in args)
    if origin is Literal:
        return value in args
    if origin is list:
        return isinstance(value, Iterable) and not isinstance(value, str | bytes)
    return annotation not in _SIMPLE or _SIMPLE[annotation].fits(value)


def _parts(annotation: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """An annotation without ``Annotated``; ``Union``, ``Literal``, ``list`` for any iterable, or None; arguments."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is types.UnionType:
        origin = Union
    elif isinstance(origin, type):
        origin = list if issubclass(origin, Iterable) and not issubclass(origin, Mapping) else None
    return annotation, origin, args


def _converted_union(text: str, members: tuple[object, ...]) -> object:
    # Any text is a str and a Path, so these come late, and lists and what is not known here last.
    turns: dict[object, int] = {str: 1, Path: 2}
    strict = [member for member in members if member in _SIMPLE or get_origin(member) is Literal]
    for member in sorted(members, key=lambda member: turns.get(member, 0) if member in strict else 3):
        try:
            return convert(text, member)
        except ValueError:
            continue
    raise ValueError(text)


def _converted_list(text: str, kind: Any, args: tuple[object, ...]) -> object:
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    if kind is not tuple or args[1:] == (...,):
        args = args[:1] * len(items)
    values = [convert(item, arg) for item, arg in zip(items, args, strict=True)]
    return values if kind is list else frozenset(values) if kind in (set, frozenset) else tuple(values)
