"""The command ``htrkit``: finds the command that is asked for, imports that one alone, and says what went wrong."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from htrkit.cli import terminal
from htrkit.errors import HtrkitError, UsageError

INTERRUPTED = 130

COMMANDS = {
    "recognize": "Read the handwriting on images.",
    "decode": "Decode network outputs that were saved before.",
    "train": "Train a network on your own data.",
    "synth": "Draw lines of handwriting to train on.",
    "evaluate": "Measure how well a model reads data whose text is known.",
    "compare-decoders": "Compare decoders on the outputs of one network.",
    "tune": "Find the options with which a decoder reads best.",
    "lexicon": "Build word lists of your own.",
    "lm": "Build language models of your own.",
}
"""Each command's module is ``htrkit.cli.<name>``, and its Typer app is called ``app``."""

LISTINGS = {
    "plugins": "Installed plugins, and what each of them brings.",
    "sources": "Kinds of files that pages come from.",
    "segmenters": "What finds the lines on a page.",
    "preprocessors": "Steps that clean an image before it is read.",
    "encoders": "What runs a model's network.",
    "decoders": "What turns the network's output into text.",
    "lexicons": "Word lists.",
    "language-models": "Language models.",
    "models": "Trained models.",
    "architectures": "Networks that can be trained.",
    "readers": "Formats of data to train on and to measure with.",
    "writers": "Formats of results.",
    "commands": "Commands that plugins bring.",
}
"""Each is a command of ``htrkit.cli.listings``."""

app = typer.Typer(add_completion=False)


class LazyCommands(TyperGroup):
    """A group whose commands are known by name and summary, and imported when one of them is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command's name, the command itself instead of the stub that ``--help`` lists, and its arguments."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            from htrkit.options import did_you_mean

            meant = did_you_mean(args[0], self.commands)
            hint = f"; did you mean {meant!r}?" if meant else ""
            raise UsageError(f"there is no command {args[0]!r}{hint}\nsee: htrkit --help")
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub and _load(str(name)), rest


def _load(name: str) -> Any:
    if name in LISTINGS:
        command = typer.main.get_command(import_module("htrkit.cli.listings").listing(name))
    else:
        command = typer.main.get_command(import_module(f"htrkit.cli.{name.replace('-', '_')}").app)
    command.name = name
    return command


def _stub() -> None:
    """Stands for a command that is not imported yet."""


for _name, _summary in (COMMANDS | LISTINGS).items():
    app.command(_name, help=_summary, rich_help_panel="What is installed" if _name in LISTINGS else "Commands")(_stub)


def _show_version(wanted: bool) -> None:
    if wanted:
        from htrkit import __version__

        terminal.put(f"htrkit {__version__}")
        raise typer.Exit


@app.callback(cls=LazyCommands, invoke_without_command=True)
def htrkit(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback when something goes wrong.")] = False,
) -> None:
    """Read handwriting, with every stage of the reading a plugin.

    Start with: htrkit recognize IMAGE
    """
    if context.invoked_subcommand is None:
        terminal.put(context.get_help())
        raise typer.Exit(2)


def main() -> None:
    """Run the command with this process' arguments, and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; the exit code is 0, 1 (some input failed), 2 (wrong usage) or 130 (interrupted)."""
    words, debug = _without_debug(arguments)
    terminal.show_tracebacks(debug)
    _prepare_streams()
    try:
        code: int | None = typer.main.get_command(app).main(words, prog_name="htrkit", standalone_mode=False)
        sys.stdout.flush()
        return _interrupted() if code == INTERRUPTED else code or 0
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort, Exception) as problem:
        if debug:
            raise
        return _explain(problem)


def _without_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """``--debug`` may stand anywhere, because people add it at the end of the command that failed."""
    options = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    kept = [word for word in options if word != "--debug"]
    return [*kept, *arguments[len(options) :]], len(kept) < len(options)


def _explain(problem: BaseException) -> int:
    """Say what went wrong, and give the exit code for it."""
    if isinstance(problem, typer.Abort) and isinstance(problem.__cause__, EOFError):
        problem = problem.__cause__
    if isinstance(problem, KeyboardInterrupt | typer.Abort):
        return _interrupted()
    if isinstance(problem, HtrkitError):
        terminal.error(str(problem))
        return problem.exit_code
    if hasattr(problem, "format_message"):  # from Typer, or from Click in its older releases: wrong usage
        return _explain_usage(problem)
    if isinstance(problem, OSError) and problem.strerror:
        said = f"{problem.filename}: {problem.strerror}" if problem.filename else problem.strerror
    elif isinstance(problem, MemoryError):
        said = "not enough memory"
    else:
        said = f"unexpected {type(problem).__name__}: {problem}".removesuffix(": ")
    terminal.error(f"{said}\nrun the same command with --debug for the traceback")
    return 1


def _explain_usage(problem: Any) -> int:
    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":
        terminal.note(problem.format_message())
    else:
        message = problem.format_message().strip().rstrip(".")
        see = f"\nsee: {context.command_path} --help" if context else ""
        terminal.error(f"{message[:1].lower()}{message[1:]}{see}")
    return int(problem.exit_code)


def _interrupted() -> int:
    terminal.note("interrupted")
    return INTERRUPTED


def _prepare_streams() -> None:
    terminal.open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A file name that is no UTF-8 must come out as the bytes that it is.
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    warnings.showwarning = lambda message, *_, **__: terminal.warning(str(message))
