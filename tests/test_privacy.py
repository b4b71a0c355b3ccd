"""Commands tell nobody, and write nothing but results and htrkit's own cache: what the system sees of whole runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save

CALLS = "trace=bind,connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2"
SPOKEN = re.compile(r"\b(?:connect|send\w+)\(")
WRITTEN = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|\b(?:creat|mkdir|mkdirat|rename\w*)\(")
# What Python sees itself, as a line of strace would say it; for systems without strace.
WATCH = """
import os, sys
_calls = os.open("calls.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def _hear(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        path, writes = os.path.abspath(arguments[0]), (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        os.write(_calls, f'open("{path}", {"O_WRONLY" if writes else "O_RDONLY"})\\n'.encode())
    elif event in ("os.mkdir", "os.rename"):
        os.write(_calls, f'{event[3:]}("{os.path.abspath(arguments[0])}")\\n'.encode())
    elif event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        os.write(_calls, f"connect({event})\\n".encode())
sys.addaudithook(_hear)
"""
MEASURE = ("lines", "--model", "model", "--resamples", "100")
COMMANDS = {
    "recognize": ("recognize", "lines/ab.png", "--model", "model", "--decoder", "best-path"),
    "recognize-beam": ("recognize", "lines/ab.png", "--model", "model", "--decoder", "beam:beam_width=5"),
    "evaluate": ("evaluate", *MEASURE),
    "compare-decoders": ("compare-decoders", *MEASURE, "--decoders", "best-path,beam", "--report", "out.html"),
    "tune": ("tune", *MEASURE[:-2], "--decoder", "beam", "-o", "beam_width=1:9", "--trials", "2"),
    "train": ("train", "lines", "--valid", "lines", "--out", "out", "--epochs", "1", "--preprocess", "none"),
}
NEEDS = {"compare-decoders": "matplotlib", "tune": "optuna", "train": "keras"}


@pytest.fixture(scope="module", params=COMMANDS)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder with a home, a cache and lines in it, and the system calls of a command that reads the lines."""
    needed = NEEDS.get(request.param, "numpy")
    if find_spec(needed) is None:
        pytest.skip(f"needs {needed}")
    folder = tmp_path_factory.mktemp("desk")
    tiny_model.write(folder / "model")
    for name in ("lines", "home", "temporary", "watch"):
        (folder / name).mkdir()
    for text in ("ab", "ba", "aab"):
        save(folder / "lines" / f"{text}.png", tiny_model.draw(text))
        (folder / "lines" / f"{text}.gt.txt").write_text(text)
    kept = ("HTRKIT", "ORT_", "XDG_", "KERAS", "MPL", "PYTHON")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(kept)}
    environment |= {"HOME": str(folder / "home"), "TMPDIR": str(folder / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"HTRKIT_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "htrkit", *COMMANDS[request.param]]

    def run(*before: str, **more: str) -> subprocess.CompletedProcess[str]:
        every = {"cwd": folder, "env": environment | more, "capture_output": True, "text": True, "check": False}
        return subprocess.run([*before, *command], timeout=600, **every)  # type: ignore[call-overload,no-any-return]

    done = None
    if shutil.which("strace"):
        done = run("strace", "-f", "-qq", "-y", "-s", "300", "-e", CALLS, "-o", "calls.txt")
    if done is None or "ptrace" in done.stderr:  # nobody may watch processes: then Python watches itself
        (folder / "watch" / "sitecustomize.py").write_text(WATCH)
        done = run(PYTHONPATH=str(folder / "watch"))
    assert done.returncode == 0, done.stderr
    calls = (folder / "calls.txt").read_text(errors="replace").splitlines()
    return folder, [call for call in calls if not re.search(r"= -1 E(?:NOENT|EXIST)\b", call)]


def test_nothing_is_said_to_anybody(seen: tuple[Path, list[str]]) -> None:
    _, calls = seen
    assert any("ab.png" in call for call in calls), "what is opened is seen"
    assert [call for call in calls if SPOKEN.search(call)] == []


def paths_in(call: str, folder: Path) -> list[str]:
    """Of a system call's files; a relative one lies in the folder that strace shows before it, or in ``folder``."""
    return [str(Path(within or folder) / path) for within, path in re.findall(r'(?:<([^>"]*)>, )?"([^"]*)"', call)]


def test_nothing_is_written_but_results_and_the_cache(seen: tuple[Path, list[str]]) -> None:
    folder, calls = seen
    own = [f"{folder}/{name}" for name in ("cache", "out", "part-", "temporary", "calls.txt")]
    own += ["/dev/null", "/dev/tty", "/proc/"]  # in the last are the names of a process' own threads
    written = [(paths_in(call, folder), call) for call in calls if WRITTEN.search(call)]
    assert [call for paths, call in written if not all(path.startswith((*own,)) for path in paths)] == []
    assert list((folder / "home").rglob("*")) == []
    assert list((folder / "temporary").rglob("*")) == []
