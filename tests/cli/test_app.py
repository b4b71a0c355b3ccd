"""The command as a whole: what it loads, how it ends, and what it says when something goes wrong."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from pathlib import Path
from threading import Thread

import pytest
import typer

from htrkit import __version__, builtin, plugins
from htrkit.cli import app as cli
from htrkit.cli.terminal import style
from htrkit.errors import InputError, UsageError
from tests.strangers import declaring, htrkit, install

COMMANDS = builtin.htrkit_commands()
MODULES = sorted({command.factory.partition(":")[0] for command in COMMANDS})
HEAVY = ("numpy", "cv2", "PIL", "onnxruntime", "numba", "keras", "tensorflow", "rapidfuzz")

RUNS = [["--help"], *([command.name, "--help"] for command in COMMANDS), *([name] for name in builtin.LISTINGS)]
QUIET = "import sys, io\nsys.stdout = io.StringIO()\n{}\nsys.stdout = sys.__stdout__\nprint(*sys.modules)"


@pytest.mark.parametrize(
    "statements",
    [
        "import htrkit",
        "import htrkit.cli",
        f"import {', '.join(MODULES)}",
        f"from htrkit.cli.app import run; print([run(a) for a in {RUNS}])",
    ],
)
def test_the_command_line_loads_nothing_heavy(statements: str) -> None:
    command = [sys.executable, "-c", QUIET.format(statements)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "htrkit" in done.stdout
    assert set(HEAVY) & set(done.stdout.split()) == set()


def test_help_that_is_no_terminals_loads_no_library_for_boxes() -> None:
    command = [sys.executable, "-c", QUIET.format("from htrkit.cli.app import run; run(['--help'])")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not {"rich", "pydantic"} & set(done.stdout.split())


def test_help_names_every_command() -> None:
    run = htrkit("--help")
    assert run.code == 0
    for command in COMMANDS:
        assert command.name in run.out
        assert command.summary in run.out


def test_the_summary_in_the_list_is_the_one_on_the_commands_own_page() -> None:
    for command in COMMANDS:
        if command.name not in builtin.LISTINGS:
            made = typer.main.get_command(plugins.factory("command", command.name))
            assert (made.help or "").startswith(command.summary)


def test_without_a_command_the_help_is_shown_and_the_usage_is_wrong() -> None:
    run = htrkit()
    assert (run.code, run.out) == (2, htrkit("--help").out)


def test_version() -> None:
    assert htrkit("--version").out == f"htrkit {__version__}\n"


def test_an_unknown_command_says_what_was_probably_meant() -> None:
    run = htrkit("recognise")
    assert (run.code, run.out) == (2, "")
    first, second = run.err.splitlines()
    assert first == "error: no command named 'recognise'; did you mean 'recognize'?"
    assert second.startswith("       available: architectures, ")


def test_an_unknown_option_says_where_the_valid_ones_are() -> None:
    run = htrkit("recognize", "x.png", "--wide")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: no such option: --wide")
    assert "see: htrkit recognize --help" in run.err


def test_a_missing_argument() -> None:
    run = htrkit("recognize")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: missing argument 'PATH'")


class Unsayable(BaseException):
    """Raises when it is asked what it is about."""

    def __str__(self) -> str:
        raise RuntimeError("in str")


def a_command_that_raises(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    app = typer.Typer(add_completion=False)

    @app.command()
    def fail() -> None:
        raise problem

    monkeypatch.setattr(plugins, "factory", lambda kind, name: app)


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (UsageError("x: no step\navailable: y"), 2, "error: x: no step\n       available: y\n"),
        (InputError("x\n.png: not an image"), 1, "error: x\\n.png: not an image\n"),
        (SystemExit(0), 1, "error: unexpected SystemExit: 0\n"),
        (GeneratorExit(), 1, "error: unexpected GeneratorExit\n"),
        (Unsayable(), 1, "error: unexpected Unsayable\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (ValueError("odd"), 1, "error: unexpected ValueError: odd\n       run the same command with --debug"),
        (EOFError("short"), 1, "error: unexpected EOFError: short\n       run the same command with --debug"),
        (KeyError(), 1, "error: unexpected KeyError\n"),
        (MemoryError(), 1, "error: not enough memory\n"),
        (OSError(28, "No space left on device", "a.tsv"), 1, "error: a.tsv: No space left on device\n"),
        (OSError(5, "Input/output error"), 1, "error: Input/output error\n"),
        (typer.Exit(1), 1, ""),
    ],
)
def test_every_problem_is_one_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: BaseException, code: int, said: str
) -> None:
    a_command_that_raises(monkeypatch, problem)
    assert cli.run(["evaluate"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.lstrip().startswith(said)
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("arguments", [["--debug", "evaluate"], ["evaluate", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    a_command_that_raises(monkeypatch, ValueError("odd"))
    with pytest.raises(ValueError, match="odd"):
        cli.run(arguments)


def test_debug_after_two_dashes_is_a_path() -> None:
    assert cli._without_debug(["recognize", "--", "--debug"]) == (["recognize", "--", "--debug"], False)
    assert cli._without_debug(["recognize", "--debug", "--", "x"]) == (["recognize", "--", "x"], True)


def test_a_reader_that_has_seen_enough_is_not_told_of_it() -> None:
    command = [sys.executable, "-m", "htrkit", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_file_name_that_is_no_utf8_comes_out_as_its_bytes(tmp_path: Path) -> None:
    script = "from htrkit.cli import app, terminal; app._prepare_streams(); terminal.put('caf\\udce9')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"caf\xe9\n"


def test_a_broken_plugin_is_one_line_and_everything_else_works(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source="import acme_core")
    run = htrkit("decoders", "best-path", path=tmp_path)
    assert run.code == 0
    assert run.out.startswith("best-path (decoder, from htrkit")
    assert run.err == "warning: plugin acme-htr 0.3 is skipped: No module named 'acme_core'\n"


def test_a_strangers_factory_that_does_not_exist_names_its_distribution(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source=declaring("decoder", "mine", "acme_htr:Nothing"))
    run = htrkit("decoders", "mine", path=tmp_path)
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "error: decoder 'mine' of acme-htr 0.3 cannot be loaded: module 'acme_htr' has no attribute 'Nothing'\n"
    )


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert style("x", "1", Terminal()) == "\x1b[1mx\x1b[0m"
    assert style("x", "1", io.StringIO()) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert style("x", "1", Terminal()) == "x"


def test_threads_that_warn_at_once_are_heard_once(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    cli._prepare_warnings([])
    threads = [Thread(target=warnings.showwarning, args=("it is late", UserWarning, "x.py", 1)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert capfd.readouterr().err == "warning: it is late\n"
