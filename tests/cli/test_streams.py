"""Where results go when streams are closed, full, or files of an unusual kind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save
from tests.strangers import Run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell of Unix is needed")

CLOSED = "error: standard output is closed, so there is no place for the results\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of bars, and an image."""
    desk = tmp_path_factory.mktemp("desk")
    tiny_model.write(desk / "model")
    save(desk / "ab.png", tiny_model.draw("ab"))
    return desk


def shell(desk: Path, arguments: str, redirections: str = "") -> Run:
    """Run the real command with its streams as a shell redirects them."""
    command = f'exec "{sys.executable}" -m htrkit {arguments} {redirections}'
    done = subprocess.run(
        ["sh", "-c", command], cwd=desk, input="", capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return Run(done.returncode, done.stdout, done.stderr)


READ = "recognize ab.png --model model"


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-", "<&- 2>&-"])
def test_the_text_comes_whatever_else_is_closed(desk: Path, redirection: str) -> None:
    if "/dev/full" in redirection and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    run = shell(desk, READ, redirection)
    assert (run.code, run.out, run.err) == (0, "ab\n", "")
    assert shell(desk, f"{READ} nowhere.png", redirection).out == "ab.png\tab\n"
    assert shell(desk, f"{READ} nowhere.png", redirection).code == 1


def test_a_closed_standard_output_is_said(desk: Path) -> None:
    for arguments in (READ, "decoders", "--help"):
        run = shell(desk, arguments, ">&-")
        assert (run.code, run.out, run.err) == (1, "", CLOSED)
    assert shell(desk, READ, ">&- 2>&-").code == 1


def test_a_full_standard_output_is_said(desk: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    run = shell(desk, READ, ">/dev/full")
    assert run.code == 1
    assert run.err.startswith("error: No space left on device\n")
    run = shell(desk, f"{READ} --save-log-probs /dev/full")
    assert (run.code, run.out, run.err) == (1, "ab\n", "error: cannot write /dev/full: No space left on device\n")


def test_a_file_gets_the_results_and_nothing_else_when_all_streams_are_closed(desk: Path, tmp_path: Path) -> None:
    run = shell(desk, f"{READ} nowhere.png --output {tmp_path}/read.txt", "<&- >&- 2>&-")
    assert run.code == 1
    assert (tmp_path / "read.txt").read_text() == "ab.png\tab\n"
    assert [path.name for path in tmp_path.iterdir()] == ["read.txt"]


def test_a_list_on_a_closed_standard_input_is_empty(desk: Path) -> None:
    run = shell(desk, "recognize - --model model", "<&-")
    assert (run.code, run.out, run.err) == (1, "", "error: no image found in -\n")


def test_what_is_no_file_is_written_through_and_links_are_followed(desk: Path, tmp_path: Path) -> None:
    for place in ("-", "/dev/stdout"):
        assert shell(desk, f"{READ} --output {place}").out == "ab\n"
    assert shell(desk, f"{READ} --output /dev/null --save-log-probs /dev/null").code == 0
    assert not Path("/dev/null").is_file()

    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    assert shell(desk, f"{READ} --output {tmp_path}/pipe").code == 0
    reader.join(timeout=30)
    assert read == ["ab\n"]

    (tmp_path / "real.txt").write_text("of yesterday")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert shell(desk, f"{READ} --output {tmp_path}/link.txt").code == 2
    assert shell(desk, f"{READ} --output {tmp_path}/link.txt --force").code == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "ab\n"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--output nowhere/read.txt", "cannot write nowhere/read.txt: No such file or directory"),
        ("--output ab.png", "ab.png is there already: --force writes over it"),
        ("--save-log-probs .", "cannot write .: it is a folder"),
        ("--save-log-probs nowhere/o.npz", "cannot write nowhere/o.npz: there is no folder nowhere"),
        ("--save-log-probs ab.png", "ab.png is there already: --force writes over it"),
    ],
)
def test_no_place_for_the_results_is_said_before_anything_is_read(desk: Path, option: str, said: str) -> None:
    before = (desk / "ab.png").read_bytes()
    run = shell(desk, f"{READ} {option}")
    assert run.code != 0
    assert run.out == ""
    assert run.err.startswith(f"error: {said}")
    assert (desk / "ab.png").read_bytes() == before


def test_a_path_that_no_system_allows_costs_itself_alone(desk: Path) -> None:
    listed = desk / "list.txt"
    listed.write_text(f"ab.png\n{'x' * 300}.png\nab.png\n")
    run = shell(desk, "recognize - --model model", "< list.txt")
    assert (run.code, run.out) == (1, "ab.png\tab\nab.png\tab\n")
    assert run.err.splitlines() == [f"skipped {'x' * 300}.png: cannot be read: File name too long", "2 read, 1 failed"]


def test_whoever_has_seen_enough_may_stop_reading(desk: Path) -> None:
    """As ``| head -1`` does: nothing is said, whenever the pipe is closed."""
    command = [sys.executable, "-m", "htrkit", "recognize", *["ab.png"] * 3, "--model", "model"]
    for seen in (0, 1):
        with subprocess.Popen(command, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stdout
            assert running.stderr
            for _ in range(seen):
                assert running.stdout.readline() == "ab.png\tab\n"
            running.stdout.close()
            said = running.stderr.read()
            # of three lines, all may have been written before the pipe was closed
            assert running.wait(timeout=60) in ((0, 1) if seen else (1,))
        assert "error" not in said
