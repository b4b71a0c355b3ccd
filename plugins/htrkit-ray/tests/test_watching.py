"""A command in a child process that crashes, ends, or is told to end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

COMMAND = """
import os, signal, sys, time
from pathlib import Path
from htrkit import HtrkitError
from htrkit_ray.watching import in_child

log = Path(sys.argv[1])
try:
    with in_child():
        with log.open("a") as file:
            print(os.getpid(), file=file)
        exec(sys.argv[2])
except HtrkitError as error:
    sys.exit(f"error: {error}")
except KeyboardInterrupt:
    sys.exit(130)
finally:
    exec(sys.argv[3])
"""


def started(log: Path, then: str, behind: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COMMAND, str(log), then, behind]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def children(log: Path, patience: float = 60.0) -> list[int]:
    end = time.monotonic() + patience
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < end
        time.sleep(0.05)
    return list(map(int, log.read_text().split()))


@pytest.mark.parametrize(
    ("then", "code", "starts", "said"),
    [
        ("sys.exit(3)", 3, 1, ""),
        ("sys.exit('so')", 1, 1, "so"),
        ("sys.exit(300)", 300 % 256, 1, ""),
        ("len(log.read_text().split()) > 2 or os.abort()", 0, 3, "Ray crashed (SIGABRT), and is started again"),
        ("os.abort()", 1, 5, "error: Ray crashed 5 times"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 1, 1, "error: ended by SIGKILL"),
    ],
)
def test_it_ends_as_its_child_does_and_crashes_are_repeated(
    then: str, code: int, starts: int, said: str, tmp_path: Path
) -> None:
    process = started(tmp_path / "log", then)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, len(children(tmp_path / "log"))) == (code, starts)
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("then", "code"), [("", 0), ("sys.exit(3)", 3), ("raise KeyboardInterrupt", 130)])
def test_a_crash_behind_the_work_costs_nothing(then: str, code: int, tmp_path: Path) -> None:
    process = started(tmp_path / "log", then, "str(os.getpid()) in log.read_text() and os.abort()")
    _, err = process.communicate(timeout=120)
    assert (process.returncode, len(children(tmp_path / "log")), err) == (code, 1, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_child_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    process = started(tmp_path / "log", "signal.signal(signal.SIGTERM, signal.default_int_handler); time.sleep(100)")
    children(tmp_path / "log")
    time.sleep(0.5)
    process.send_signal(number)
    assert process.wait(60) == 130


SWALLOWED = """
import weakref
class Module: pass
module = Module()
callback = weakref.ref(module, lambda _: time.sleep(100))  # what is raised there is only reported
del module
time.sleep(100)
"""


def test_an_interrupt_that_is_swallowed_is_repeated(tmp_path: Path) -> None:
    process = started(tmp_path / "log", SWALLOWED)
    children(tmp_path / "log")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Exception ignored" in err) == (130, True)


def test_interrupted_while_a_string_is_executed_it_ends_as_ever(tmp_path: Path) -> None:
    module = COMMAND.replace("exec(sys.argv[2])", "exec('raise KeyboardInterrupt')").replace(
        "exec(sys.argv[3])", "pass"
    )
    (tmp_path / "interrupted.py").write_text(module)
    command = [sys.executable, "-m", "interrupted", str(tmp_path / "log")]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (130, "")


def test_the_child_ends_with_it(tmp_path: Path) -> None:
    process = started(tmp_path / "log", "time.sleep(100)")
    (child,) = map(psutil.Process, children(tmp_path / "log"))
    process.kill()
    process.wait(60)
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running()
