"""Reading tells nobody, and writes nothing but results and htrkit's own cache: what strace sees of a whole run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save

CALLS = "trace=socket,connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2"
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|\b(?:creat|mkdir|mkdirat|rename\w*)\(")


@pytest.fixture(scope="module", params=["best-path", "beam:beam_width=5"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder with a home, a cache and an image in it, and the system calls of the command that read the image."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: nobody watches what the command does")
    folder = tmp_path_factory.mktemp("desk")
    tiny_model.write(folder / "model")
    save(folder / "ab.png", tiny_model.draw("ab"))
    (folder / "home").mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HTRKIT", "ORT_", "XDG_"))}
    environment |= {"HOME": str(folder / "home"), "HTRKIT_CACHE": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    htrkit = (sys.executable, "-m", "htrkit", "recognize", "ab.png", "--model", "model", "--decoder", request.param)
    done = subprocess.run(
        ["strace", "-f", "-qq", "-y", "-s", "300", "-e", CALLS, "-o", "calls.txt", *htrkit],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip("this machine lets nobody watch processes (ptrace)")
    assert (done.returncode, done.stdout) == (0, "ab\n"), done.stderr
    calls = (folder / "calls.txt").read_text(errors="replace").splitlines()
    return folder, [call for call in calls if not re.search(r"= -1 E(?:NOENT|EXIST)\b", call)]


def test_nothing_is_said_to_anybody(seen: tuple[Path, list[str]]) -> None:
    _, calls = seen
    assert any("encoder.onnx" in call for call in calls), "strace sees what is opened"
    assert [call for call in calls if re.search(r"\b(?:socket|connect|send\w+)\(", call)] == []


def test_nothing_is_written_but_the_cache(seen: tuple[Path, list[str]]) -> None:
    folder, calls = seen
    allowed = (f'"{folder}/cache', '"/dev/null"', '"/dev/tty"')
    assert [call for call in calls if WRITES.search(call) and not any(path in call for path in allowed)] == []
    assert list((folder / "home").rglob("*")) == []
