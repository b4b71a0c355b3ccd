"""``htrkit plugins``, and one listing for each kind of component: names, origins and, for one of them, its options."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Annotated, Any

import typer

from htrkit import host, plugins
from htrkit.cli import terminal
from htrkit.hookspecs import KINDS_OF_FILES
from htrkit.options import REQUIRED, Option, options_of, show

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def listing(command: str) -> typer.Typer:
    """The app of one listing, ``plugins`` or a kind of component in the plural, with dashes."""
    app = typer.Typer(add_completion=False)
    if command == "plugins":
        app.command(help="List the installed plugins, and what each of them brings.")(list_plugins)
    else:
        kind = command.removesuffix("s").replace("-", " ")
        app.command(help=f"List the installed {kind}s, or show the options of one.")(_of_kind(kind))
    return app


def list_plugins(as_json: AsJson = False) -> None:
    """List every plugin with what it brings, or why it is broken."""
    found = _quietly(host.plugins)
    if as_json:
        terminal.put_json([_plugin_json(plugin) for plugin in found])
        return
    rows = [(plugin.origin, plugin.name, _brings(plugin)) for plugin in found]
    terminal.put(terminal.table(("from", "plugin", "brings"), rows))


def _of_kind(kind: str) -> Callable[..., None]:
    def list_components(
        name: Annotated[str | None, typer.Argument(help="One of them, to see its options.")] = None,
        as_json: AsJson = False,
    ) -> None:
        if name is not None:
            _show(kind, name, as_json)
        elif as_json:
            terminal.put_json([_component_json(entry) for entry in _quietly(plugins.declared, kind)])
        else:
            terminal.put(_listed(kind))

    return list_components


def _listed(kind: str) -> str:
    rows = [
        (entry.component.name, entry.origin, entry.broken or entry.component.summary)
        for entry in sorted(_quietly(plugins.declared, kind), key=lambda entry: entry.component.name)
    ]
    # What a broken plugin would have declared is not known; its own name is the nearest thing to look for.
    rows += [(plugin.name, plugin.origin, f"broken: {plugin.broken}") for plugin in host.plugins() if plugin.broken]
    return terminal.table(("name", "from", "what"), rows) if rows else f"no {kind} is installed"


def _show(kind: str, name: str, as_json: bool) -> None:
    entry = plugins.find(kind, name)
    path = str(plugins.create(kind, name)) if kind in KINDS_OF_FILES else None
    options = options_of(plugins.factory(kind, name))
    if as_json:
        details = {"path": path} if path else {"options": [_option_json(option) for option in options]}
        terminal.put_json(_component_json(entry) | details)
        return
    terminal.put(f"{name} ({kind}, from {entry.origin}): {entry.component.summary}")
    if path:
        terminal.put(path)
    elif options:
        rows = [(option.name, option.type, _default(option), option.help) for option in options]
        terminal.put("\n" + terminal.table(("option", "type", "default", "what"), rows))
    else:
        terminal.put("it has no options")


def _quietly(call: Callable[..., Any], *args: object) -> Any:
    """Call without warnings of broken plugins, because the listing itself says that they are broken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", host.PluginWarning)
        return call(*args)


def _brings(plugin: host.Plugin) -> str:
    if plugin.broken:
        return f"broken: {plugin.broken}"
    parts = [
        f"{kind if len(components) == 1 else kind + 's'} {', '.join(component.name for component in components)}"
        for kind, components in plugin.components.items()
        if components
    ]
    return "; ".join(parts) or "nothing"


def _default(option: Option) -> str:
    return "required" if option.default is REQUIRED else show(option.default)


def _plugin_json(plugin: host.Plugin) -> dict[str, object]:
    components = {kind: [component.name for component in found] for kind, found in plugin.components.items() if found}
    return {
        "plugin": plugin.name,
        "from": plugin.distribution,
        "version": plugin.version,
        "components": components,
        "broken": plugin.broken,
    }


def _component_json(entry: plugins.Declared) -> dict[str, object]:
    return {
        "name": entry.component.name,
        "summary": entry.component.summary,
        "from": entry.distribution,
        "version": entry.version,
        "factory": entry.component.factory,
        "broken": entry.broken,
    }


def _option_json(option: Option) -> dict[str, object]:
    plain = isinstance(option.default, str | int | float | bool | None)
    default = option.default if plain else None if option.default is REQUIRED else show(option.default)
    return {
        "name": option.name,
        "type": option.type,
        "required": option.default is REQUIRED,
        "default": default,
        "help": option.help,
    }
