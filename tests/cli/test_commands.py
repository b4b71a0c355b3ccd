"""Commands that plugins bring: listed, run, told apart from htrkit's own, and unable to end without a word."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.strangers import declaring, htrkit, install

COUNT = """
        import sys, typer
        app = typer.Typer()

        @app.command()
        def count(paths: list[str], ending: str = "!") -> int:
            '''Count what is given.'''
            {body}
            return 5
        """


def count(folder: Path, body: str = "print(len(paths), ending)", name: str = "count") -> Path:
    """A package with the command ``count``, laid into a folder."""
    source = declaring("command", name, "acme_htr:app") + COUNT.format(body=body)
    return install(folder, "acme-htr", source=source)


def test_a_strangers_command_is_listed_and_runs(tmp_path: Path) -> None:
    count(tmp_path)
    listed = htrkit("--help", path=tmp_path).out
    assert "Commands of plugins" in listed
    assert listed.index(" recognize ") < listed.index(" count ")
    assert "what a stranger made" in listed
    run = htrkit("count", "a", "b", "--ending", "?", path=tmp_path)
    assert (run.code, run.out, run.err) == (0, "2 ?\n", "")


def test_its_help_and_its_usage_errors_are_its_own(tmp_path: Path) -> None:
    count(tmp_path)
    run = htrkit("count", "--help", path=tmp_path)
    assert "Count what is given." in run.out
    assert "completion" not in run.out
    missed = htrkit("count", path=tmp_path).err.splitlines()
    assert missed[0].startswith("error: missing argument 'paths")
    assert missed[1] == "       see: htrkit count --help"


def test_nobody_takes_the_place_of_one_of_htrkits_commands(tmp_path: Path) -> None:
    count(tmp_path, name="models")
    run = htrkit("models", path=tmp_path)
    assert run.out.startswith("name ")
    assert run.err == "warning: acme-htr 0.3 also declares a command named 'models'; htrkit 0.1.0's own is used\n"
    assert "not used: htrkit has this name" in htrkit("commands", path=tmp_path).out


def test_two_strangers_with_one_command_clash_only_when_it_is_asked_for(tmp_path: Path) -> None:
    count(tmp_path)
    install(tmp_path, "brand-htr", source=declaring("command", "count"))
    assert " count " not in htrkit("--help", path=tmp_path).out
    run = htrkit("count", path=tmp_path)
    assert run.code == 2
    assert run.err.startswith("error: command 'count' is declared by acme-htr 0.3 and brand-htr 0.3; uninstall one")


@pytest.mark.parametrize(
    ("factory", "reason"),
    [
        ("acme_core:app", "No module named 'acme_core'"),
        ("json:JSONDecodeError", "json:JSONDecodeError is no typer.Typer"),
        ("acme_htr:empty", "RuntimeError: "),
    ],
)
def test_a_command_that_cannot_be_loaded_is_named_when_it_is_asked_for(
    tmp_path: Path, factory: str, reason: str
) -> None:
    source = declaring("command", "count", factory) + "import typer\n        empty = typer.Typer()\n"
    install(tmp_path, "acme-htr", source=source)
    assert htrkit("--help", path=tmp_path).err == ""
    run = htrkit("count", path=tmp_path)
    assert run.code == 2
    assert run.err.startswith(f"error: command 'count' of acme-htr 0.3 cannot be loaded: {reason}")


def test_a_broken_plugin_is_named_where_its_command_is_missed(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source="import acme_core")
    run = htrkit("count", path=tmp_path)
    assert run.code == 2
    assert run.err.splitlines()[-1] == "       skipped: acme-htr 0.3: No module named 'acme_core'"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("sys.exit(3)", 3, ""),
        ("raise typer.Exit(4)", 4, ""),
        ("{}['x']", 1, "error: command 'count' of acme-htr 0.3: unexpected KeyError: 'x'\n       run the same command"),
        ("raise GeneratorExit", 1, "error: command 'count' of acme-htr 0.3: unexpected GeneratorExit\n"),
        ("raise KeyboardInterrupt", 130, "interrupted\n"),
    ],
)
def test_how_a_strangers_command_ends(tmp_path: Path, body: str, code: int, said: str) -> None:
    count(tmp_path, body)
    run = htrkit("count", "a", path=tmp_path)
    assert (run.code, run.out) == (code, "")
    assert run.err.startswith(said)
    assert "Traceback" not in run.err


@pytest.mark.parametrize("arguments", [["--help"], ["decoders"], ["count"]])
def test_a_plugin_that_ends_the_process_is_said_and_ends_nothing(tmp_path: Path, arguments: list[str]) -> None:
    install(tmp_path, "acme-htr", source="import os; os._exit(0)")
    run = htrkit(*arguments, path=tmp_path)
    assert run.code == (2 if arguments == ["count"] else 0)
    assert "acme-htr 0.3" in run.out + run.err
    assert "os._exit(0)" in run.out + run.err


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send there")
def test_a_plugin_that_hangs_is_named_when_it_is_interrupted(tmp_path: Path) -> None:
    hang = f"import pathlib, time\npathlib.Path({str(tmp_path / 'here')!r}).touch()\ntime.sleep(60)"
    install(tmp_path, "acme-htr", source=hang)
    with subprocess.Popen(
        [sys.executable, "-m", "htrkit", "decoders"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (tmp_path / "here").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "warning: plugin acme-htr 0.3 was being loaded\ninterrupted\n"


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send there")
@pytest.mark.parametrize("module", ["typer", "htrkit.plugins", "htrkit.cli.terminal"])
def test_whoever_interrupts_it_while_it_is_loaded_sees_no_traceback(tmp_path: Path, module: str) -> None:
    interrupting = f"""
        import os, signal, sys

        class Interrupt:
            def find_spec(self, name, path=None, target=None):
                if name == {module!r}:
                    os.kill(os.getpid(), signal.SIGINT)

        sys.meta_path.insert(0, Interrupt())
    """
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(interrupting))
    run = htrkit("--version", path=tmp_path)
    assert (run.code, run.out, run.err) == (130, "", "")


def completions(path: Path, typed: str) -> list[str]:
    """What a shell is offered for a half typed command."""
    number = str(len(typed.split(" ")) - 1)
    run = htrkit(path=path, _HTRKIT_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=number)
    assert run.err == ""
    return run.out.split()


def test_the_shell_completes_commands_and_their_options(tmp_path: Path) -> None:
    count(tmp_path)
    install(tmp_path, "brand-htr", source="import brand_core")
    assert completions(tmp_path, "htrkit rec") == ["recognize"]
    assert completions(tmp_path, "htrkit cou") == ["count"]
    assert completions(tmp_path, "htrkit count --en") == ["--ending"]
    assert completions(tmp_path, "htrkit recognize --decod") == ["--decoder"]
    assert completions(tmp_path, "htrkit nothing --decod") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_for_the_shell_is_shown() -> None:
    command = ["bash", "-c", f"{sys.executable} -m htrkit --show-completion; true"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "_HTRKIT_COMPLETE=complete_bash" in shown
