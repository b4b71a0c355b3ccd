"""Components by kind and name: what is declared, by whom, and the one that is asked for."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from htrkit import options
from htrkit.errors import HtrkitError, PluginError, UsageError
from htrkit.hookspecs import KINDS, PROJECT, Component
from htrkit.host import normalised, plugins, reason, warn

ELSEWHERE = {
    ("decoder", "beam-lm"): "htrkit-kenlm",
    ("decoder", "lexicon"): "htrkit-lexicon",
    ("decoder", "token-passing"): "htrkit-lexicon",
    ("preprocessor", "bleed-through"): "htrkit-historical",
    ("preprocessor", "deslant-projection"): "htrkit-historical",
    ("preprocessor", "nick"): "htrkit-historical",
    ("preprocessor", "wolf"): "htrkit-historical",
}
"""Packages that bring components which people ask for by name before they have them."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A component with the package that declares it.

    Attributes
    ----------
    broken
        Why it cannot be had under its name, in one line; None if it can.
    """

    component: Component
    distribution: str
    version: str
    broken: str | None = None

    @property
    def origin(self) -> str:
        """Distribution and version: ``acme-htr 0.3``."""
        return f"{self.distribution} {self.version}".strip()


def declared(kind: str) -> list[Declared]:
    """The components of a kind, htrkit's own first, without importing any of them."""
    found = [(plugin, c) for plugin in plugins() for c in plugin.components.get(kind, ())]
    entries = []
    for plugin, component in found:
        rivals = [other for other, c in found if c.name == component.name and c is not component]
        broken = None
        if any(rival.is_builtin for rival in rivals) and not plugin.is_builtin:
            broken = f"not used: {PROJECT} has this name"
        elif rivals and any(rival.is_builtin == plugin.is_builtin for rival in rivals):
            broken = f"clash: also declared by {', '.join(sorted({rival.origin for rival in rivals}))}"
        entries.append(Declared(component, plugin.distribution, plugin.version, broken))
    return entries


def names(kind: str) -> list[str]:
    """The names that can be had, sorted."""
    return sorted({entry.component.name for entry in declared(kind) if not entry.broken})


def default(kind: str) -> str:
    """The name of the first component of a kind that htrkit itself brings.

    Raises
    ------
    PluginError
        If it brings none, as a damaged installation might.
    """
    own = [entry.component.name for entry in declared(kind) if entry.distribution == PROJECT]
    if not own:
        raise PluginError(f"this installation of {PROJECT} has no {kind}: pip install --force-reinstall {PROJECT}")
    return own[0]


def find(kind: str, name: str) -> Declared:
    """The component of a kind under a name.

    Raises
    ------
    UsageError
        If there is none; the message says which there are, and which package would bring it.
    PluginError
        If two plugins declare the name. A built-in is not shadowed: it is given, with a `PluginWarning`.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no kind of component named {kind!r}; the kinds are: {', '.join(KINDS)}")
    entries = [entry for entry in declared(kind) if entry.component.name == name]
    usable = [entry for entry in entries if not entry.broken]
    if len(usable) == 1:
        for entry in entries:
            if entry is not usable[0]:
                warn(f"{entry.origin} also declares a {kind} named {name!r}; {usable[0].origin}'s own is used")
        return usable[0]
    if entries:
        origins = sorted({entry.origin for entry in entries})
        by = " and ".join(origins) if len(origins) > 1 else f"{origins[0]}, twice"
        raise PluginError(f"{kind} {name!r} is declared by {by}; uninstall one of them, or ask for another {kind}")
    raise _unknown(kind, name)


def factory(kind: str, name: str) -> Callable[..., Any]:
    """The factory of a component, imported now.

    Raises
    ------
    UsageError, PluginError
        As `find`; also PluginError, naming the distribution, if the factory cannot be imported.
    """
    entry = find(kind, name)
    module_name, _, attribute = entry.component.factory.partition(":")
    try:
        target: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            target = getattr(target, part)
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        hint = _extra_hint(entry.distribution, error)
        raise PluginError(f"{kind} {name!r} of {entry.origin} cannot be loaded: {reason(error)}{hint}") from error
    if not callable(target):
        raise PluginError(
            f"{kind} {name!r} of {entry.origin} cannot be loaded: {entry.component.factory} is no factory"
        )
    return target  # type: ignore[no-any-return]


def create(kind: str, name: str, /, *args: object, **values: object) -> Any:
    """A component, made by its factory from positional arguments and options.

    Raises
    ------
    UsageError
        As `factory`; also if an option does not exist or has the wrong type.
    PluginError
        As `factory`; also if the factory raises something that is no `HtrkitError`.
    """
    make = factory(kind, name)
    options.check(kind, name, make, values)
    try:
        return make(*args, **values)
    except HtrkitError:
        raise
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        raise PluginError(f"{kind} {name!r} of {find(kind, name).origin} cannot be made: {reason(error)}") from error


def _unknown(kind: str, name: str) -> UsageError:
    available = names(kind)
    broken = [plugin for plugin in plugins() if plugin.broken]
    skipped = {normalised(plugin.distribution) for plugin in broken}
    elsewhere = {other: package for (of, other), package in ELSEWHERE.items() if of == kind and package not in skipped}
    meant = name if name in elsewhere else options.did_you_mean(name, [*available, *elsewhere])
    hint = f"; did you mean {meant!r}?" if meant and meant != name else ""
    if meant in elsewhere and meant not in available:
        hint += f"; {'it' if meant == name else 'that'} comes with: pip install {elsewhere[meant]}"
    lines = [f"no {kind} named {name!r}{hint}".replace("?;", "?"), f"available: {', '.join(available) or 'none'}"]
    lines += [f"skipped: {plugin.origin}: {plugin.broken}" for plugin in broken]
    return UsageError("\n".join(lines))


def _extra_hint(distribution: str, error: BaseException) -> str:
    """How to install the missing module, if one of the distribution's extras brings it."""
    missing = normalised((getattr(error, "name", None) or "").partition(".")[0])
    if missing and isinstance(error, ModuleNotFoundError):
        for requirement in _requirements(distribution):
            match = re.match(r"([\w.-]+).*;.*extra == ['\"]([\w.-]+)['\"]", requirement)
            if match and normalised(match[1]) == missing:
                return f"; install it with: pip install '{distribution}[{match[2]}]'"
    return ""


def _requirements(distribution: str) -> list[str]:
    try:
        return metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return []
