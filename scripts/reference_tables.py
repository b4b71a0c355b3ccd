"""Writes the pages of docs/ that follow from the code: every component with its options, every command with its own.

    python scripts/reference_tables.py docs

Components are those of htrkit and of the packages in plugins/, except for those that need a library which is not
installed. tests/test_docs.py fails when a page says something else than the code.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from doc_commands import as_if_installed

from htrkit import plugins
from htrkit.cli import app as command_line
from htrkit.errors import PluginError
from htrkit.hookspecs import KINDS, KINDS_OF_FILES, hook_name
from htrkit.options import REQUIRED, options_of, show

ROOT = Path(__file__).resolve().parent.parent
KINDS_HERE = [kind for kind in KINDS if kind != "command"]

COMPONENTS = """# Components

Everything that `htrkit plugins` lists when htrkit and the packages of this project are installed. An option of a
decoder goes after `-o`; an option of any other component goes after its name and a colon:
`--preprocess crop:margin=0.1`. Commands have [a page of their own](command-line.md), and so have
[examples](write-a-component.md). `scripts/reference_tables.py` writes this page from the code.
"""

COMMANDS = """# Command line

`scripts/reference_tables.py` writes this page from the code; `htrkit COMMAND --help` says the same.

Results go to standard output, everything else to standard error. The exit code is 0 if everything was read, 1 if some
input failed, 2 if the command was not understood, 130 if it was interrupted. With `--debug`, a failure shows its
traceback. `htrkit --install-completion` has the shell complete commands and their options, those of plugins too.
"""


def components_page() -> str:
    """The page of all components."""
    parts = [COMPONENTS]
    sections = component_sections()
    for kind in KINDS_HERE:
        of_kind = {name: text for (its_kind, name), text in sections.items() if its_kind == kind}
        parts.append(f"## {kind.capitalize()}s\n\nDeclared through `{hook_name(kind)}`.\n")
        parts += [of_kind[name] for name in sorted(of_kind)] or [f"This project declares no {kind}.\n"]
    return "\n".join(parts)


def component_sections() -> dict[tuple[str, str], str]:
    """The section of each component of this project that is installed, by kind and name."""
    ours = distributions()
    sections = {}
    for kind in KINDS_HERE:
        for entry in plugins.declared(kind):
            if entry.plugin.distribution in ours:
                try:
                    sections[kind, entry.component.name] = component_section(kind, entry)
                except PluginError as error:  # needs a library that is not installed here
                    print(f"left out: {error}", file=sys.stderr)
    return sections


def distributions() -> set[str]:
    """The names of the packages in this repository."""
    files = [ROOT / "pyproject.toml", *sorted((ROOT / "plugins").glob("*/pyproject.toml"))]
    return {tomllib.loads(file.read_text(encoding="utf-8"))["project"]["name"] for file in files}


def component_section(kind: str, entry: plugins.Declared) -> str:
    """A heading, what the component is and where it comes from, and the table of its options."""
    component = entry.component
    head = f"### `{component.name}`\n\n{sentence(component.summary)} Package: {entry.plugin.distribution}.\n"
    factory = plugins.factory(kind, component.name)
    options = options_of(factory)
    if kind in KINDS_OF_FILES and not options:
        return head
    rows = [
        (
            f"`{option.name}`",
            option.type,
            "required" if option.default is REQUIRED else f"`{show(option.default)}`",
            option.help,
        )
        for option in options
    ]
    table = markdown_table(("option", "type", "default", "what"), rows) if rows else "No options.\n"
    return f"{head}\n{about(factory)}{table}"


def about(factory: object) -> str:
    """The paragraphs of a factory's docstring before its first section."""
    text = inspect.cleandoc(getattr(factory, "__doc__", None) or "")
    text = re.split(r"\n[A-Z][a-z]+\n-{3,}\n", "\n" + text)[0].strip()
    return rst_to_markdown(text) + "\n\n" if text else ""


def rst_to_markdown(text: str) -> str:
    """The little reStructuredText that docstrings here hold, as Markdown."""
    return re.sub(r"``([^`]+)``", r"`\1`", text)


def commands_page() -> str:
    """The page of all commands."""
    parts = [COMMANDS]
    for path, command in commands():
        parts.append(command_section(path, command))
    return "\n".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Each command, subcommands included, as people type it, with Click's object for it."""
    root: Any = typer.main.get_command(command_line.app)
    context = typer.Context(root, info_name="htrkit")
    ours = distributions()
    for name in root.list_commands(context):
        if plugins.find("command", name).plugin.distribution in ours:
            _, command, _ = root.resolve_command(context, [name])
            yield from leaves(f"htrkit {name}", command)


def leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The command itself, or the commands of a group."""
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from leaves(f"{path} {name}", child)
    else:
        yield path, command


def command_section(path: str, command: Any) -> str:
    """A heading, what the command does, and the table of its arguments and options."""
    rows = []
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        is_option = parameter.param_type_name == "option"
        written = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
        metavar = parameter.metavar if is_option else None
        names = (f"{written} `{metavar}`" if metavar else written) if is_option else f"`{argument(parameter)}`"
        rows.append((names, default_of(parameter), rst_to_markdown(parameter.help or "")))
    text = inspect.cleandoc(command.help or "").strip().replace("<", "\\<")
    return f"## {path}\n\n{text}\n\n" + markdown_table(("argument or option", "default", "what"), rows)


def argument(parameter: Any) -> str:
    """An argument as a usage line shows it."""
    name = str(parameter.metavar or parameter.name.upper())
    return name if parameter.nargs == 1 or name.endswith("...") else f"{name}..."


def default_of(parameter: Any) -> str:
    """A parameter's default as its help shows it."""
    if parameter.required:
        return "required"
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    if parameter.default is None or parameter.default == ():
        return ""
    return f"`{show(parameter.default)}`"


def markdown_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def sentence(text: str) -> str:
    """A summary as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."


def main(out: Path) -> None:
    """Write the pages into a folder."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # an architecture's factory imports Keras
    with tempfile.TemporaryDirectory() as folder:
        sys.path[:0] = as_if_installed(Path(folder)).split(os.pathsep)
        (out / "components.md").write_text(components_page(), encoding="utf-8")
    (out / "command-line.md").write_text(commands_page(), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
