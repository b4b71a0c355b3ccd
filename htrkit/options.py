"""A factory's keyword-only arguments as options: their types, defaults and help, and values from text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from htrkit.errors import UsageError
from htrkit.option_types import convert, describe, fits

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
    """The options of a factory, in the order of its signature."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # built in C, without a signature
        return []
    help_of = parameter_help(factory)
    options = []
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY:
            annotation = _resolve(parameter.annotation, factory)
            help_ = help_of.get(parameter.name, "")
            options.append(Option(parameter.name, describe(annotation), parameter.default, help_, annotation))
    return options


def parse(kind: str, name: str, factory: Callable[..., Any], texts: Iterable[str]) -> dict[str, object]:
    """Options of a component from ``key=value`` texts, converted as its annotations say.

    Raises
    ------
    UsageError
        If a text is no ``key=value``, the option does not exist, or the value is not of its type.
    """
    options = {option.name: option for option in options_of(factory)}
    values: dict[str, object] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            problem = f"{text!r} is not an option of {kind} {name!r}: write it as key=value"
            raise UsageError(problem + _listing(options.values()))
        option = _known(kind, name, options, key)
        try:
            values[key] = convert(value, option.annotation)
        except ValueError:
            raise _ill_typed(kind, name, option, value, options) from None
    return values


def check(kind: str, name: str, factory: Callable[..., Any], values: Mapping[str, object]) -> None:
    """Check options given in Python against a factory's annotations.

    Raises
    ------
    UsageError
        If an option does not exist, has a value of the wrong type, or is missing.
    """
    options = {option.name: option for option in options_of(factory)}
    for key, value in values.items():
        option = _known(kind, name, options, key)
        if not fits(value, option.annotation):
            raise _ill_typed(kind, name, option, value, options)
    for option in options.values():
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
        lines = iter(inspect.cleandoc(getattr(source, "__doc__", None) or "").splitlines())
        for line in lines:
            if line.strip() == "Parameters" and set(next(lines, "").strip()) == {"-"}:
                documented |= _section(lines)
    return documented


def _section(lines: Iterable[str]) -> dict[str, str]:
    described: dict[str, list[str]] = {}
    names: list[str] = []
    for line in lines:
        if re.fullmatch(r"-{3,}", line.strip()):  # the rule under the next section's title, taken for a name
            for name in names:
                described.pop(name, None)
            break
        if line and not line[0].isspace():
            names = [name.strip(" *") for name in line.partition(":")[0].split(",")]
            described |= {name: [] for name in names}
        else:
            for name in names:
                described[name].append(line.strip())
    return {name: _first_sentence(text) for name, text in described.items()}


def _first_sentence(lines: Sequence[str]) -> str:
    paragraph = " ".join("\n".join(lines).strip().split("\n\n")[0].split())
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z0-9`\"'(])", paragraph)[0].rstrip(".").replace("``", "")
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence


def _resolve(annotation: object, factory: Callable[..., Any]) -> object:
    if not isinstance(annotation, str):
        return annotation
    function = inspect.unwrap(getattr(factory, "__init__", factory) if inspect.isclass(factory) else factory)
    try:
        return eval(annotation, getattr(function, "__globals__", {}))
    except Exception:  # a name imported for type checkers only: shown as it is written, any value accepted
        return annotation


def _known(kind: str, name: str, options: Mapping[str, Option], key: str) -> Option:
    if key in options:
        return options[key]
    if not options:
        raise UsageError(f"{kind} {name!r} has no option {key!r}; it has no options at all")
    meant = did_you_mean(key, options)
    hint = f"; did you mean {_quoted(options[meant])}?" if meant else ""
    others = [option for option in options.values() if option.name != meant]
    raise UsageError(
        f"{kind} {name!r} has no option {key!r}{hint}" + _listing(others, "other options" if meant else "")
    )


def _quoted(option: Option) -> str:
    return str(option).replace(option.name, repr(option.name), 1)


def _ill_typed(kind: str, name: str, option: Option, value: object, options: Mapping[str, Option]) -> UsageError:
    problem = f"option {option.name!r} of {kind} {name!r} must be {option.type}, not {value!r}"
    return UsageError(problem + _listing(options.values()))


def _listing(options: Iterable[Option], title: str = "") -> str:
    lines = [f"  {option}" for option in options]
    return "\n".join(["", f"{title or 'options'}:", *lines]) if lines else ""
