"""Holds a command to its contract, by its help and by what it does with wrong usage."""

from __future__ import annotations

from typing import Any

import typer
from typer.testing import CliRunner

from htrkit.testing.contract import promised, require

NO_OPTION = "--no-command-has-such-an-option"


def check_command(app: typer.Typer) -> None:
    """Check a command against the contract of its kind; it is asked for help, and never run.

    Parameters
    ----------
    app
        The Typer app that the component's factory names.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    require(isinstance(app, typer.Typer), f"a command is a typer.Typer, not {type(app).__name__}")
    with promised("the app", "when its command is made"):
        command = typer.main.get_command(app)
    _check(app, command, [])


def _check(app: typer.Typer, command: Any, names: list[str]) -> None:
    where = f"of {' '.join(names)}" if names else "of the command"
    require(bool((command.help or "").strip()), f"the help {where} says nothing: give its function a docstring")
    for parameter in command.params:
        name = getattr(parameter, "metavar", None) or parameter.name
        described = bool(getattr(parameter, "help", None)) or parameter.name in ("help", *COMPLETION)
        require(described, f"{name} {where} is not described: give it help=…")
    code, said = _ended(app, [*names, "--help"])
    require(code == 0 and bool(said), f"--help {where} ends with exit code {code} and {said[:80]!r}")
    code, said = _ended(app, [*names, NO_OPTION])
    require(code == 2, f"an option that there is not ends the command with exit code {code}, not with 2, {where}")
    for name, below in getattr(command, "commands", {}).items():
        _check(app, below, [*names, name])


COMPLETION = ("install_completion", "show_completion")
"""Options that Typer itself adds to an app, and htrkit takes away."""


def _ended(app: typer.Typer, arguments: list[str]) -> tuple[int, str]:
    with promised("the app", f"with {' '.join(arguments)}"):
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
    return result.exit_code, result.output
