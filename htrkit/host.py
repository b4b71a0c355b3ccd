"""Loads the plugins, htrkit's own included, and isolates the broken ones."""

from __future__ import annotations

import os
import re
import sys
import threading
import types
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import pluggy

from htrkit import hookspecs, options
from htrkit.errors import PluginError, UsageError
from htrkit.hookspecs import KINDS, PROJECT, Component, hook_name
from htrkit.quoting import failure, one_line, reason, shown

SWITCH = "HTRKIT_PLUGINS"
MOST_COMPONENTS = 1000
"""Of one hook; what gives more is taken to be endless."""

_LOADING = threading.RLock()  # a plugin may ask for components while it is loaded
_WARNED: dict[Any, Any] = {}  # what Python's "once a place" rule remembers


class PluginWarning(UserWarning):
    """A plugin was skipped, or what it declares cannot be used."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point of the group ``htrkit``, with the package that it came with and its components by kind, of which
    there are none if it is broken; ``broken`` says in one line why it is.
    """

    name: str
    distribution: str
    version: str
    components: Mapping[str, tuple[Component, ...]] = field(default_factory=dict)
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
    found = sorted(_found(), key=lambda entry: (not entry[0].is_builtin, entry[0].distribution, entry[0].name))
    with _LOADING, _kept_alive(), redirect_stdout(sys.stderr):  # what a plugin prints is no result
        loaded = tuple(_load(plugin, point) for plugin, point in found if plugin.is_builtin or not switch)
    for plugin in loaded:
        if plugin.broken:
            warn(f"plugin {plugin.origin} is skipped: {plugin.broken}")
    return loaded


def _found() -> Iterator[tuple[Plugin, metadata.EntryPoint | None]]:
    """Every plugin before it is loaded; broken, and without its entry point, if not even that can be read."""
    seen = set()
    for distribution in metadata.distributions():
        try:
            points = distribution.entry_points.select(group=PROJECT)
        except Exception as error:
            yield replace(_plugin("?", distribution), broken=f"its entry points cannot be read: {reason(error)}"), None
            continue
        for point in points:
            plugin = _plugin(point.name, distribution)
            if (plugin.distribution, plugin.name) not in seen:  # the first on the path hides the others
                seen.add((plugin.distribution, plugin.name))
                yield plugin, point


def _plugin(name: str, distribution: metadata.Distribution) -> Plugin:
    package = version = None
    with suppress(Exception):  # its METADATA may be missing or broken, and the plugin work all the same
        package, version = distribution.name, distribution.version
    folder = Path(str(getattr(distribution, "_path", ""))).stem
    return Plugin(one_line(name), one_line(package or f"unknown package {folder}"), one_line(version or ""))


def _load(plugin: Plugin, point: metadata.EntryPoint | None) -> Plugin:
    if point is None:
        return plugin
    host = pluggy.PluginManager(PROJECT)
    host.add_hookspecs(hookspecs)
    try:
        module = point.load()
        host.register(module, name=point.name)
        components = {kind: tuple(_components(host, kind)) for kind in KINDS}
        _check_hooks(host, module)
    except KeyboardInterrupt:
        warn(f"plugin {plugin.origin} was being loaded")
        raise
    except BaseException as error:  # a plugin may raise anything
        return replace(plugin, broken=reason(error))
    return replace(plugin, components=types.MappingProxyType(components))


def _components(host: pluggy.PluginManager, kind: str) -> Iterator[Component]:
    hook = hook_name(kind)
    for implementation in getattr(host.hook, hook).get_hookimpls():
        try:
            given = implementation.function()
            if not isinstance(given, Iterable) or isinstance(given, str):
                raise PluginError(f"its hook {hook} returned {shown(given)} instead of a list of Component")
            components = list(islice(given, MOST_COMPONENTS + 1))
        except (PluginError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise PluginError(f"its hook {hook} {failure(error)}") from error
        if len(components) > MOST_COMPONENTS:
            raise PluginError(f"its hook {hook} gives more than {MOST_COMPONENTS:,} components")
        for component in components:
            if problem := _problem(component):
                raise PluginError(f"its hook {hook} returned {shown(component)}, {problem}")
            yield component


def _problem(component: object) -> str | None:
    if not isinstance(component, Component):
        return "which is no Component"
    if not all(isinstance(field, str) for field in (component.name, component.summary, component.factory)):
        return "whose name, summary and factory are not all strings"
    if not re.fullmatch(r"[^\s,:=/\\]+", component.name) or not component.name.isprintable():
        return "whose name is empty or has a space, a control character or one of , : = / \\"
    if not re.fullmatch(r"[\w.]+:[\w.]+", component.factory):
        return "whose factory is not 'module:attribute'"
    return None


def _check_hooks(host: pluggy.PluginManager, module: object) -> None:
    """Refuse hooks that do not exist, unless marked ``optionalhook``, and functions that lack the mark of a hook."""
    for name, caller in vars(host.hook).items():
        unknown = isinstance(caller, pluggy.HookCaller) and not caller.has_spec()
        if unknown and not all(implementation.optionalhook for implementation in caller.get_hookimpls()):
            meant = options.did_you_mean(name, map(hook_name, KINDS))
            raise PluginError(f"there is no hook {name}" + (f"; did you mean {meant}?" if meant else ""))
    for name in map(hook_name, KINDS):
        function = getattr(module, name, None)
        if isinstance(function, types.FunctionType) and not hasattr(function, f"{PROJECT}_impl"):
            raise PluginError(f"its function {name} lacks @hookimpl")


@contextmanager
def _kept_alive() -> Iterator[None]:
    """`os._exit`, which would end this process without a word, raises `SystemExit` instead."""
    this, really = os.getpid(), os._exit

    def refuse(status: int) -> None:
        if os.getpid() == this:
            raise SystemExit(f"os._exit({status})")
        really(status)  # a child that a plugin forked may end

    os._exit = refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = really


def normalised(distribution: str) -> str:
    """A distribution's name as package indexes compare it: ``Acme_HTR`` and ``acme-htr`` are one."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def warn(message: str) -> None:
    """Issue a `PluginWarning`, each message once a process."""
    # Without a source line, so that it stays one line: the reader of the warning did not write the plugin.
    warnings.warn_explicit(message, PluginWarning, "<htrkit plugins>", 1, registry=_WARNED)
