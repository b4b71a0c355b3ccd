"""A factory's keyword-only arguments as options: their types, defaults and help, and values from text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from htrkit.errors import PluginError, UsageError
from htrkit.option_types import convert, describe, fits
from htrkit.quoting import shown

REQUIRED = inspect.Parameter.empty
"""`Option.default` of an option that must be given."""


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword-only argument of a factory.

    Attributes
    ----------
    name
        As in ``-o name=value``.
    type
        In words for people: ``int``, ``words|ngrams``, ``list of str``, ``int or none``.
    default
        The argument's default, or `REQUIRED`.
    help
        One line, from the numpydoc Parameters section; empty if there is none.
    annotation
        What `htrkit.option_types` checks and converts by.
    """

    name: str
    type: str
    default: object
    help: str
    annotation: object

    def __str__(self) -> str:
        default = "required" if self.default is REQUIRED else f"default {show(self.default)}"
        return f"{self.name} ({self.type}, {default}{': ' if self.help else ''}{self.help})"


def options_of(factory: Callable[..., Any]) -> list[Option]:
    """The options of a factory, in the order of its signature; names that begin with ``_`` are none.

    Raises PluginError if an option says nothing of its type: whatever is typed for it would be a text, and so be true.
    """
    help_of = parameter_help(factory)
    options = []
    for name, parameter in _parameters(factory).items():
        if parameter.kind is parameter.KEYWORD_ONLY and not name.startswith("_"):
            if parameter.annotation is parameter.empty:
                raise PluginError(f"its option {name!r} has no type annotation")
            annotation = _resolve(parameter.annotation, factory)
            options.append(Option(name, describe(annotation), parameter.default, help_of.get(name, ""), annotation))
    return options


def parse(kind: str, name: str, factory: Callable[..., Any], texts: Iterable[str]) -> dict[str, object]:
    """Options of a component from ``key=value`` texts, converted as its annotations say.

    Raises UsageError if a text is no ``key=value``, the option does not exist or is given twice, or the value is not of
    its type.
    """
    options = options_of(factory)
    values: dict[str, object] = {}
    written: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            problem = f"{text!r} is not an option of {kind} {name!r}: write it as key=value"
            raise UsageError(problem + _listing(options))
        option = _known(f"{kind} {name!r}", factory, options, key.strip().replace("-", "_"))
        if option.name in values:
            problem = f"option {option.name!r} of {kind} {name!r} is given twice"
            if isinstance(values[option.name], list | tuple | set | frozenset):
                problem += f"; a list is written with commas: {option.name}={written[option.name]},{value}"
            raise UsageError(problem)
        written[option.name] = value
        try:
            values[option.name] = convert(value, option.annotation)
        except ValueError:
            raise _ill_typed(f"{kind} {name!r}", option, value, options) from None
    return values


def check(kind: str, name: str, factory: Callable[..., Any], values: Mapping[str, object]) -> None:
    """Check options given in Python against a factory's annotations.

    Raises
    ------
    UsageError
        If an option does not exist, has a value of the wrong type, or is missing.
    """
    options = options_of(factory)
    for key, value in values.items():
        option = _known(f"{kind} {name!r}", factory, options, key)
        if not fits(value, option.annotation):
            raise _ill_typed(f"{kind} {name!r}", option, value, options)
    for option in options:
        if option.default is REQUIRED and option.name not in values:
            raise UsageError(f"{kind} {name!r} needs the option {option}")


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that was probably meant, or None."""
    import difflib  # slow to import, and only a mistake needs it

    known = sorted(set(names))
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return close[0] if close else next((other for other in known if name and name in other), None)


def show(value: object) -> str:
    """A default as one would type it after ``key=``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(show, value)) or "empty"
    return str(value) or "empty"


def parameter_help(factory: Callable[..., Any]) -> dict[str, str]:
    """The first sentence on each parameter in the numpydoc Parameters section of a factory's docstring."""
    documented: dict[str, str] = {}
    for source in (getattr(factory, "__init__", None), factory):
        text = inspect.cleandoc(getattr(source, "__doc__", None) or "")
        section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", text, re.DOTALL | re.MULTILINE)
        entries = re.findall(r"^(\S.*)\n((?:[ \t].*\n?|\n)*)", section[1] if section else "", re.MULTILINE)
        for names, described in entries:
            documented |= {name.strip(" *"): _first_sentence(described) for name in names.partition(":")[0].split(",")}
    return documented


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z0-9`\"'(])", paragraph)[0].rstrip(".").replace("``", "")
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence


def _parameters(factory: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(factory).parameters
    except (TypeError, ValueError):  # built in C, without a signature
        return {}


def _resolve(annotation: object, factory: Callable[..., Any]) -> object:
    if not isinstance(annotation, str):
        return annotation
    function = inspect.unwrap(getattr(factory, "__init__", factory) if inspect.isclass(factory) else factory)
    try:
        return eval(annotation, getattr(function, "__globals__", {}))
    except Exception:  # a name imported for type checkers only: shown as it is written, any value accepted
        return annotation


def _known(component: str, factory: Callable[..., Any], options: Sequence[Option], key: str) -> Option:
    by_name = {option.name: option for option in options}
    if key in by_name:
        return by_name[key]
    problem = f"{component} has no option {key!r}"
    if key in _parameters(factory):
        raise UsageError(f"{problem}: it takes {key} by position, and options stand after a * in the signature")
    if not options:
        raise UsageError(f"{problem}; it has no options at all")
    if meant := by_name.pop(did_you_mean(key, by_name) or "", None):
        problem += f"; did you mean {str(meant).replace(meant.name, repr(meant.name), 1)}?"
    raise UsageError(problem + _listing(by_name.values(), "other options" if meant else "options"))


def _ill_typed(component: str, option: Option, value: object, options: Iterable[Option]) -> UsageError:
    problem = f"option {option.name!r} of {component} must be {option.type}, not {shown(value)}"
    return UsageError(problem + _listing(options))


def _listing(options: Iterable[Option], title: str = "options") -> str:
    lines = [f"  {option}" for option in options]
    return "\n".join(["", f"{title}:", *lines]) if lines else ""
