"""``htrkit plugins``, and one listing for each kind of component: names, origins and, for one of them, its options."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated

import typer

from htrkit import host, plugins
from htrkit.cli import terminal
from htrkit.cli.reading import JsonOption, ModelOption
from htrkit.hookspecs import KINDS, KINDS_OF_FILES, plural
from htrkit.options import REQUIRED, Option, options_of, show
from htrkit.quoting import quoted
from htrkit.resources import is_foreign, resource


def list_plugins(as_json: JsonOption = False) -> None:
    """List the installed plugins, and what each of them brings."""
    found = host.plugins()
    if as_json:
        terminal.put_json([_plugin_json(plugin) for plugin in found])
    else:
        rows = [(plugin.origin, plugin.name, _brings(plugin)) for plugin in found]
        terminal.put(terminal.table(("from", "plugin", "brings"), rows))


def _of_kind(kind: str) -> Callable[..., None]:
    def list_components(
        name: Annotated[str | None, typer.Argument(help="One of them, to see its options.")] = None,
        as_json: JsonOption = False,
    ) -> None:
        if name is not None:
            _show(kind, name, as_json)
        elif as_json:
            terminal.put_json([_component_json(entry) for entry in plugins.declared(kind)])
        else:
            terminal.put(_listed(kind))

    list_components.__doc__ = f"List the installed {kind}s, or show the options of one."
    return list_components


def list_lexicons(
    name: Annotated[str | None, typer.Argument(help="One of them, or a file, to see what a model can spell.")] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the installed lexicons, or show how much of one a model can spell."""
    if name is None:
        _of_kind("lexicon")(None, as_json)
        return
    account = _account(name, model)
    if not is_foreign("lexicon", name):
        _show("lexicon", name, as_json, account)
    elif as_json:
        terminal.put_json({"path": name} | account)
    else:
        terminal.put(f"{quoted(name)}\n{_told(account)}")


def _account(lexicon: str, model: str | None) -> dict[str, object]:
    """How many entries of a lexicon a model can spell."""
    from htrkit.decoders.vocabulary import Vocabulary
    from htrkit.model import open_model

    found = open_model(model)
    words = Vocabulary.read(resource("lexicon", lexicon), found.alphabet)
    return {
        "model": found.name,
        "entries": words.entries,
        "as_written": words.entries - words.respelt - words.dropped,
        "respelt": words.respelt,
        "left_out": words.dropped,
        "missing": words.missing,
    }


def _told(account: dict[str, object]) -> str:
    rows = [
        ("entries", f"{account['entries']:,}"),
        (f"{account['model']} spells as written", f"{account['as_written']:,}"),
        ("spells otherwise: accents, apostrophes", f"{account['respelt']:,}"),
        ("leaves out", f"{account['left_out']:,}"),
        ("for lack of", " ".join(str(account["missing"])) or "-"),
    ]
    return terminal.table(("", ""), rows).strip()


def _listed(kind: str) -> str:
    rows = [
        (entry.component.name, entry.origin, entry.broken or entry.component.summary)
        for entry in sorted(plugins.declared(kind), key=lambda entry: entry.component.name)
    ]
    # What a broken plugin would have declared is not known; its own name is the nearest thing to look for.
    rows += [(plugin.name, plugin.origin, f"broken: {plugin.broken}") for plugin in host.plugins() if plugin.broken]
    return terminal.table(("name", "from", "what"), rows) if rows else f"no {kind} is installed"


def _show(kind: str, name: str, as_json: bool, account: dict[str, object] | None = None) -> None:
    entry = plugins.find(kind, name)
    options = options_of(plugins.factory(kind, name))
    path = str(plugins.create(kind, name)) if kind in KINDS_OF_FILES and not options else None
    if as_json:
        details = {"path": path} if path else {"options": [_option_json(option) for option in options]}
        terminal.put_json(_component_json(entry) | details | (account or {}))
        return
    terminal.put(quoted(f"{name} ({kind}, from {entry.origin}): {entry.component.summary}"))
    if options:
        rows = [(option.name, option.type, _default(option), option.help) for option in options]
        terminal.put("\n" + terminal.table(("option", "type", "default", "what"), rows))
    else:
        terminal.put(path or (f"see: htrkit {name} --help" if kind == "command" else "it has no options"))
    if account:
        terminal.put(_told(account))


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
        "from": entry.plugin.distribution,
        "version": entry.plugin.version,
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


def _app(command: Callable[..., None]) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(command)
    return app


apps = SimpleNamespace(
    **{plural(kind): _app(_of_kind(kind)) for kind in KINDS if kind != "lexicon"},
    plugins=_app(list_plugins),
    lexicons=_app(list_lexicons),
)
"""The app of each listing: ``plugins``, and each kind of component in the plural."""
