"""The kit for commands: a right one passes, and each broken promise is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
import typer

from htrkit import plugins
from htrkit.testing import NonconformityError, check_command


def app_of(function: Callable[..., Any], **options: Any) -> typer.Typer:
    app = typer.Typer(**options)
    app.command()(function)
    return app


def right(
    path: Annotated[str, typer.Argument(help="A file.")], deep: Annotated[int, typer.Option(help="So.")] = 1
) -> None:
    """Do it."""
    raise AssertionError("a kit runs no command")


@pytest.mark.parametrize("entry", plugins.declared("command"), ids=lambda entry: entry.component.name)
def test_every_command_of_htrkit_and_its_plugins_keeps_the_contract(entry: plugins.Declared) -> None:
    check_command(plugins.factory("command", entry.component.name))


def test_a_command_of_several_is_checked_with_those_below() -> None:
    app = typer.Typer(help="Do one of them.", add_completion=False)
    app.command("one")(right)
    app.command("two")(right)
    check_command(app)
    app.command("three")(lambda: None)
    with pytest.raises(NonconformityError, match="the help of three says nothing"):
        check_command(app)


def silent() -> None: ...


def undescribed(path: str) -> None:
    """Do it."""


def without_option_help(deep: int = 1) -> None:
    """Do it."""


def takes_anything(rest: Annotated[list[str] | None, typer.Argument(help="Anything.")] = None) -> None:
    """Do it."""


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (right, "a command is a typer.Typer, not function"),
        (typer.Typer(), "the app raised RuntimeError"),
        (app_of(silent), "the help of the command says nothing"),
        (app_of(undescribed), "path of the command is not described"),
        (app_of(without_option_help), "deep of the command is not described"),
    ],
)
def test_a_broken_promise_is_found(app: Any, said: str) -> None:
    with pytest.raises(NonconformityError, match=said):
        check_command(app)


def test_wrong_usage_must_end_with_2() -> None:
    app = typer.Typer()
    app.command(context_settings={"ignore_unknown_options": True})(takes_anything)
    with pytest.raises(NonconformityError, match="exit code 0, not with 2"):
        check_command(app)
