"""The command ``htrkit``: finds the command that is asked for, imports that one alone, and says what went wrong."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from threading import Lock
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from htrkit import plugins
from htrkit.builtin import LISTINGS
from htrkit.cli import terminal
from htrkit.errors import HtrkitError, PluginError, UsageError
from htrkit.host import PluginWarning
from htrkit.quoting import failure, quoted

INTERRUPTED = 130
COMPLETING = "_HTRKIT_COMPLETE"
"""The environment variable by which a shell asks what a half typed command may go on with."""

app = typer.Typer(add_completion=True)


class DeclaredCommands(TyperGroup):
    """The commands that htrkit and its plugins declare; each is imported when it is run, and is then ``running``."""

    running: plugins.Declared | None = None

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, htrkit's own first."""
        return [entry.component.name for entry in plugins.declared("command") if not entry.broken]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What ``--help`` shows of a command."""
        entry = plugins.find("command", cmd_name)
        summary = quoted(entry.component.summary)
        return TyperCommand(cmd_name, help=summary, rich_help_panel=_panel(entry))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by what they are for, where the help is plain."""
        commands = [self.get_command(ctx, name) for name in self.list_commands(ctx)]
        for panel in dict.fromkeys(command.rich_help_panel for command in commands):
            with formatter.section(panel):
                formatter.write_dl([(one.name, one.help) for one in commands if one.rich_help_panel == panel])

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command's name, the command itself, and its arguments."""
        name, *rest = args
        if name.startswith("-"):  # no option of htrkit: that is what it is told
            return super().resolve_command(ctx, args)
        self.running = plugins.find("command", name)
        made = plugins.factory("command", name)
        with plugins.strangers_code(f"command {name!r}", self.running.plugin, "loaded"):
            if not isinstance(made, typer.Typer):
                raise PluginError(f"{self.running.component.factory} is no typer.Typer")
            made._add_completion = False  # that is htrkit's own option
            if self.running.plugin.is_builtin:
                made.rich_markup_mode = self.rich_markup_mode
            command = typer.main.get_command(made)
        command.name = name
        return name, command, rest

    def invoke(self, ctx: Any) -> None:
        """Run the command; what it returns is no exit code."""
        super().invoke(ctx)


def _panel(entry: plugins.Declared) -> str:
    if not entry.plugin.is_builtin:
        return "Commands of plugins"
    return "What is installed" if entry.component.name in LISTINGS else "Commands"


def _show_version(wanted: bool) -> None:
    if wanted:
        from htrkit import __version__

        terminal.put(f"htrkit {__version__}")
        raise typer.Exit


@app.callback(cls=DeclaredCommands, invoke_without_command=True)
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
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:  # before the command began, or after it
        if _without_debug(sys.argv[1:])[1]:
            raise
        sys.exit(INTERRUPTED)


def run(arguments: Sequence[str]) -> int:
    """Run a command; the exit code is 0, 1 (some input failed), 2 (wrong usage) or 130 (interrupted)."""
    words, debug = _without_debug(arguments)
    terminal.show_tracebacks(debug)
    _prepare_streams()
    app.rich_markup_mode = "rich" if sys.stdout and sys.stdout.isatty() else None  # rich is slow to import
    commands: Any = typer.main.get_command(app)
    try:
        with warnings.catch_warnings():
            _prepare_warnings(words)
            code: int | None = commands.main(words, prog_name="htrkit", standalone_mode=False)
        sys.stdout.flush()
        return _interrupted() if code == INTERRUPTED else code or 0
    except BaseException as problem:
        if isinstance(problem, BrokenPipeError) or isinstance(problem.__context__, BrokenPipeError):
            # whoever read our output has seen enough; Click, too, ends with SystemExit then
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 1
        stranger = commands.running if commands.running and not commands.running.plugin.is_builtin else None
        if isinstance(problem, SystemExit) and (stranger or not commands.running):
            raise  # a stranger's command, or the completion of a shell, ends as it likes
        if os.environ.get(COMPLETING):
            return 1  # what is typed there is no command yet
        if debug:
            raise
        return _explain(problem, stranger)


def _without_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """``--debug`` may stand anywhere, because people add it at the end of the command that failed."""
    options = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    kept = [word for word in options if word != "--debug"]
    return [*kept, *arguments[len(options) :]], len(kept) < len(options)


def _explain(problem: BaseException, stranger: plugins.Declared | None) -> int:
    """Say what went wrong, in which command if it is a stranger's, and give the exit code for it."""
    if isinstance(problem, typer.Abort) and isinstance(problem.__cause__, EOFError):
        problem = problem.__cause__
    if isinstance(problem, KeyboardInterrupt | typer.Abort):
        return _interrupted()
    if isinstance(problem, HtrkitError):
        terminal.error(*(str(problem).split("\n") if isinstance(problem, UsageError) else [str(problem)]))
        return problem.exit_code
    if hasattr(problem, "format_message"):  # from Typer, or from Click in its older releases: wrong usage
        return _explain_usage(problem)
    if isinstance(problem, OSError) and problem.strerror:
        said = f"{problem.filename}: {problem.strerror}" if problem.filename else problem.strerror
    elif isinstance(problem, MemoryError):
        said = "not enough memory"
    else:
        said = f"unexpected {failure(problem).removeprefix('raised ')}"
    where = f"command {stranger.component.name!r} of {stranger.plugin.origin}: " if stranger else ""
    terminal.error(where + said, "run the same command with --debug for the traceback")
    return 1


def _explain_usage(problem: Any) -> int:
    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":
        print(problem.format_message(), file=sys.stderr)
    else:
        message = problem.format_message().strip().rstrip(".")
        see = [f"see: {context.command_path} --help"] if context else []
        terminal.error(f"{message[:1].lower()}{message[1:]}", *see)
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


def _prepare_warnings(words: Sequence[str]) -> None:
    warned, one_by_one = set[str](), Lock()

    def show(message: Warning | str, *_: object, **__: object) -> None:
        said = str(message)
        with one_by_one:  # threads that warn at once get past Python's own list of what has been said
            new = said not in warned
            warned.add(said)
        if new:
            terminal.warning(said)

    warnings.showwarning = show
    if os.environ.get(COMPLETING):
        warnings.simplefilter("ignore")
    elif words and words[0] in LISTINGS and all(word.startswith("-") for word in words[1:]):
        # the listing itself says which plugins are broken
        warnings.filterwarnings("ignore", "plugin .* is skipped", PluginWarning)
