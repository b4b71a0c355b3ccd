"""Loads the plugins, htrkit's own included, and isolates the broken ones."""

from __future__ import annotations

import os
import re
import types
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

import pluggy

from htrkit import hookspecs, options
from htrkit.errors import HtrkitError, PluginError, UsageError
from htrkit.hookspecs import KINDS, PROJECT, Component, hook_name

SWITCH = "HTRKIT_PLUGINS"

_WARNED: dict[Any, Any] = {}  # what Python's "once a place" rule remembers


class PluginWarning(UserWarning):
    """A plugin was skipped, or what it declares cannot be used."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point of the group ``htrkit``, loaded or broken.

    Attributes
    ----------
    name
        The entry point's name.
    distribution, version
        The package that it came with.
    components
        By kind; empty if the plugin is broken.
    broken
        Why it is skipped, in one line; None if it is not.
    """

    name: str
    distribution: str
    version: str
    components: Mapping[str, tuple[Component, ...]]
    broken: str | None = None

    @property
    def origin(self) -> str:
        """Distribution and version: ``acme-htr 0.3``."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def is_builtin(self) -> bool:
        """Whether it is htrkit's own."""
        return normalised(self.distribution) == PROJECT


@cache
def plugins() -> tuple[Plugin, ...]:
    """Every plugin, htrkit's own first, the broken ones included; each broken one is warned of once.

    With the environment variable ``HTRKIT_PLUGINS=none``, only htrkit's own. `plugins.cache_clear` looks afresh.
    """
    switch = os.environ.get(SWITCH, "")
    if switch not in ("", "none"):
        raise UsageError(f"{SWITCH} is {switch!r}; the only value that it takes is 'none', which loads no plugin")
    found = [(_distribution(point), point) for point in metadata.entry_points(group=PROJECT)]
    own = [(dist, point) for dist, point in found if normalised(dist[0]) == PROJECT]
    strangers = sorted((entry for entry in found if entry not in own), key=lambda entry: (entry[0], entry[1].name))
    loaded = tuple(_load(dist, point) for dist, point in (own if switch else own + strangers))
    for plugin in loaded:
        if plugin.broken:
            warn(f"plugin {plugin.origin} is skipped: {plugin.broken}")
    return loaded


def _load(distribution: tuple[str, str], point: metadata.EntryPoint) -> Plugin:
    host = pluggy.PluginManager(PROJECT)
    host.add_hookspecs(hookspecs)
    try:
        host.register(point.load(), name=point.name)
        components = {kind: _components(host, kind) for kind in KINDS}
        _check_hooks(host)
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        return Plugin(point.name, *distribution, types.MappingProxyType({}), reason(error))
    return Plugin(point.name, *distribution, types.MappingProxyType(components))


def _components(host: pluggy.PluginManager, kind: str) -> tuple[Component, ...]:
    hook = hook_name(kind)
    found: list[Component] = []
    for implementation in getattr(host.hook, hook).get_hookimpls():
        try:
            given = implementation.function()
            components = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else None
        except (Exception, SystemExit) as error:
            raise PluginError(f"its hook {hook} raised {type(error).__name__}: {error}") from error
        if components is None:
            raise PluginError(f"its hook {hook} returned {one_line(repr(given))} instead of a list of Component")
        for component in components:
            problem = _problem(component)
            if problem:
                raise PluginError(f"its hook {hook} returned {one_line(repr(component))}, {problem}")
            found.append(component)
    return tuple(found)


def _problem(component: object) -> str | None:
    if not isinstance(component, Component):
        return "which is no Component"
    if not all(isinstance(field, str) for field in (component.name, component.summary, component.factory)):
        return "whose name, summary and factory are not all strings"
    if not re.fullmatch(r"[^\s,:=/\\]+", component.name):
        return "whose name is empty or has a space or one of , : = / \\"
    if not re.fullmatch(r"[\w.]+:[\w.]+", component.factory):
        return "whose factory is not 'module:attribute'"
    return None


def _check_hooks(host: pluggy.PluginManager) -> None:
    """Refuse hooks that do not exist, which are typing errors, unless marked ``optionalhook``."""
    for name in vars(host.hook):
        caller = getattr(host.hook, name)
        if isinstance(caller, pluggy.HookCaller) and not caller.has_spec():
            if all(implementation.optionalhook for implementation in caller.get_hookimpls()):
                continue
            meant = options.did_you_mean(name, map(hook_name, KINDS))
            raise PluginError(f"there is no hook {name}" + (f"; did you mean {meant}?" if meant else ""))


def _distribution(point: metadata.EntryPoint) -> tuple[str, str]:
    if point.dist is None:
        return "unknown package", ""
    try:
        return point.dist.name, point.dist.version
    except Exception:  # its METADATA is missing or broken; the plugin may still work
        return "unknown package", ""


def normalised(distribution: str) -> str:
    """A distribution's name as package indexes compare it: ``Acme_HTR`` and ``acme-htr`` are one."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def failure(error: BaseException) -> str:
    """What a component did, in one line: ``gave None …`` where htrkit says so itself, else ``raised ValueError: …``."""
    return _text(error) if isinstance(error, PluginError) else f"raised {_typed(error)}"


def reason(error: BaseException) -> str:
    """What went wrong, in one line; with the exception's type where its text alone may not say enough."""
    plain = isinstance(error, ImportError | AttributeError | HtrkitError | pluggy.PluginValidationError)
    return (plain and _text(error)) or _typed(error)


def _typed(error: BaseException) -> str:
    return f"{type(error).__name__}: {_text(error)}".removesuffix(": ")


def _text(error: BaseException) -> str:
    try:
        return one_line(str(error))
    except Exception:  # a stranger's __str__ may raise anything
        return ""


def one_line(text: str, limit: int = 240) -> str:
    """A text without line breaks, cut at ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def warn(message: str) -> None:
    """Issue a `PluginWarning`, each message once a process."""
    # Without a source line, so that it stays one line: the reader of the warning did not write the plugin.
    warnings.warn_explicit(message, PluginWarning, "<htrkit plugins>", 1, registry=_WARNED)
