"""Components by kind and name: what is declared, by whom, and the one that is asked for."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from htrkit import options
from htrkit.errors import HtrkitError, PluginError, UsageError
from htrkit.hookspecs import KINDS, KINDS_OF_FILES, PROJECT, Component
from htrkit.host import Plugin, normalised, plugins, warn
from htrkit.quoting import reason, shown

ELSEWHERE = {
    ("command", "bulk"): "htrkit-ray",
    ("command", "serve"): "htrkit-desk",
    ("command", "index"): "htrkit-search",
    ("command", "search"): "htrkit-search",
    ("decoder", "beam-lm"): "htrkit-kenlm",
    ("decoder", "lexicon"): "htrkit-lexicon",
    ("decoder", "token-passing"): "htrkit-lexicon",
    ("encoder", "kraken"): "htrkit-kraken",
    ("model", "kraken"): "htrkit-kraken",
    ("model", "ppocr"): "htrkit-rapidocr",
    ("preprocessor", "bleed-through"): "htrkit-historical",
    ("preprocessor", "nick"): "htrkit-historical",
    ("preprocessor", "wolf"): "htrkit-historical",
    ("segmenter", "kraken"): "htrkit-kraken",
    ("segmenter", "ppocr"): "htrkit-rapidocr",
    ("source", "pdf"): "htrkit-pdf",
    ("writer", "pdf"): "htrkit-pdf",
}
"""Packages in ``plugins/`` of htrkit's repository that bring what people ask for by name before they have it."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A component with the plugin that declares it; ``broken`` says why it cannot be had by name, if so."""

    component: Component
    plugin: Plugin
    broken: str | None = None

    @property
    def origin(self) -> str:
        """Distribution and version: ``acme-htr 0.3``."""
        return self.plugin.origin


def declared(kind: str) -> list[Declared]:
    """The components of a kind, htrkit's own first, without importing any of them."""
    found = [Declared(component, plugin) for plugin in plugins() for component in plugin.components.get(kind, ())]
    return [Declared(one.component, one.plugin, _taken(one, found)) for one in found]


def _taken(one: Declared, found: list[Declared]) -> str | None:
    rivals = [other.plugin for other in found if other is not one and other.component.name == one.component.name]
    if any(rival.is_builtin for rival in rivals) and not one.plugin.is_builtin:
        return f"not used: {PROJECT} has this name"
    equals = sorted({rival.origin for rival in rivals if rival.is_builtin == one.plugin.is_builtin})
    return f"clash: also declared by {', '.join(equals)}" if equals else None


def names(kind: str) -> list[str]:
    """The names that can be had, sorted."""
    return sorted({entry.component.name for entry in declared(kind) if not entry.broken})


def default(kind: str) -> str:
    """The name of the first component of a kind that htrkit itself brings.

    Raises PluginError if it brings none, as a damaged installation might.
    """
    for entry in declared(kind):
        if entry.plugin.is_builtin:
            return entry.component.name
    raise PluginError(f"this installation of {PROJECT} is damaged: it has no {kind}; install it anew")


def find(kind: str, name: str) -> Declared:
    """The component of a kind under a name.

    Raises UsageError if there is none; the message says which there are, and which package would bring it; PluginError
    if two plugins declare the name. A built-in is not shadowed: it is given, with a `PluginWarning`.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no kind of component named {kind!r}; the kinds are: {', '.join(KINDS)}")
    entries = [entry for entry in declared(kind) if entry.component.name == name]
    if not entries:
        raise _unknown(kind, name)
    usable = [entry for entry in entries if not entry.broken]
    if not usable:
        origins = sorted({entry.origin for entry in entries})
        by = " and ".join(origins) if len(origins) > 1 else f"{origins[0]}, twice"
        raise PluginError(f"{kind} {name!r} is declared by {by}; uninstall one of them, or ask for another {kind}")
    for entry in entries[1:]:
        warn(f"{entry.origin} also declares a {kind} named {name!r}; {usable[0].plugin.origin}'s own is used")
    return usable[0]


def factory(kind: str, name: str) -> Callable[..., Any]:
    """The factory of a component, imported now.

    Raises UsageError or PluginError as `find`; also PluginError, naming the distribution, if the factory cannot be
    imported, or an option has no type.
    """
    entry = find(kind, name)
    module_name, _, attribute = entry.component.factory.partition(":")
    with strangers_code(f"{kind} {name!r}", entry.plugin, "loaded"):
        target: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            target = getattr(target, part)
        if not callable(target):
            raise PluginError(f"{entry.component.factory} is no factory")
        options.options_of(target)  # raises if one has no type
    return target  # type: ignore[no-any-return]


def create(kind: str, name: str, /, *args: object, **values: object) -> Any:
    """A component, made by its factory from positional arguments and options.

    Raises
    ------
    UsageError
        As `factory`; also if an option does not exist or has the wrong type.
    PluginError
        As `factory`; also if the factory raises something that is no `HtrkitError`, or gives no path where it should.
    """
    make = factory(kind, name)
    options.check(kind, name, make, values)
    with strangers_code(f"{kind} {name!r}", find(kind, name).plugin, "made", passes=HtrkitError):
        made = make(*args, **values)
        if kind in KINDS_OF_FILES and kind != "model" and not isinstance(made, str | os.PathLike):
            raise TypeError(f"its factory gave {shown(made)} instead of a path")
        return made


@contextmanager
def strangers_code(
    component: str, plugin: Plugin, done: str, passes: type[BaseException] = KeyboardInterrupt
) -> Iterator[None]:
    """Whatever a plugin's code raises becomes a `PluginError` that says what cannot be ``done`` to the component."""
    try:
        yield
    except (KeyboardInterrupt, passes):
        raise
    except BaseException as error:  # a plugin may raise anything
        hint = _extra_hint(plugin.distribution, error)
        raise PluginError(f"{component} of {plugin.origin} cannot be {done}: {reason(error)}{hint}") from error


def _unknown(kind: str, name: str) -> UsageError:
    available = names(kind)
    broken = [plugin for plugin in plugins() if plugin.broken]
    skipped = {normalised(plugin.distribution) for plugin in broken}
    elsewhere = {other: package for (of, other), package in ELSEWHERE.items() if of == kind and package not in skipped}
    meant = name if name in elsewhere else options.did_you_mean(name, [*available, *elsewhere])
    hint = f"; did you mean {meant!r}?" if meant and meant != name else ""
    if meant in elsewhere and meant not in available:
        package = elsewhere[meant]
        hint += f"; {'it' if meant == name else 'that'} comes with {package}: in a clone of {PROJECT}'s repository, "
        hint += f"pip install ./plugins/{package}"
    lines = [f"no {kind} named {name!r}{hint}".replace("?;", "?"), f"available: {', '.join(available) or 'none'}"]
    lines += [f"skipped: {plugin.origin}: {plugin.broken}" for plugin in broken]
    return UsageError("\n".join(lines))


def _extra_hint(distribution: str, error: BaseException) -> str:
    """How to install the missing module, if one of the distribution's extras brings it."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = normalised(error.name.partition(".")[0])
        with suppress(Exception):  # the distribution's METADATA may be missing or broken
            for requirement in metadata.requires(distribution) or []:
                match = re.match(r"([\w.-]+).*;.*extra == ['\"]([\w.-]+)['\"]", requirement)
                if match and normalised(match[1]) == missing:
                    return f"; install it with: pip install '{distribution}[{match[2]}]'"
    return ""
