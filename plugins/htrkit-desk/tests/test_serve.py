"""The command ``htrkit serve`` as people start it, and what is left when it is killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from desk_requests import TEXTS, draw
from lxml import etree

Start = Callable[..., "Served"]
PAGES = 16


class Served:
    """A running ``htrkit serve``, and a browser of sorts."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-P", "-m", "htrkit", "serve", str(folder), "--no-browser", "--port", "0", *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        address = re.search(r"http://\S+", self.said)
        assert address, self.said + self.process.stderr.read()
        self.address = address[0]
        base = self.address.partition("?")[0]
        self.browser = httpx.Client(base_url=base, headers={"X-Htrkit": "1"}, timeout=60)

    def ready(self) -> Served:
        """Itself, once it answers."""
        for _ in range(200):
            try:
                self.browser.get("/api/jobs")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return self
        raise TimeoutError

    def kill(self) -> None:
        """As a power cut would; what it has started itself has to notice."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, and ends them."""
    running: list[Served] = []

    def begin(folder: Path, *options: str) -> Served:
        running.append(Served(folder, *options))
        return running[-1].ready()

    yield begin
    for one in running:
        one.process.kill()
        one.process.wait()


def test_a_folder_is_served_and_the_address_said(tmp_path: Path, start: Start) -> None:
    served = start(tmp_path / "new folder")
    assert (tmp_path / "new folder").is_dir()
    answer = served.browser.get("/")
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
    assert "server" not in answer.headers
    assert served.browser.get("/api/project").json()["pages"] == []
    assert served.address.startswith("http://127.0.0.1:")


def test_ctrl_c_ends_it_at_once_even_if_a_browser_listens(folder: Path, start: Start) -> None:
    served = start(folder)
    with served.browser.stream("GET", "/api/events") as events:
        assert next(events.iter_text()).startswith("retry")
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(10) in (0, 130)
    assert served.process.stderr is not None
    said = served.process.stderr.read()
    assert "Traceback" not in said
    assert "ERROR" not in said


def test_events_tell_what_happens(folder: Path, start: Start) -> None:
    served = start(folder)
    with served.browser.stream("GET", "/api/events") as events:
        lines = events.iter_lines()
        next(lines)
        page = served.browser.get("/api/pages/page%201.png").json()
        served.browser.put("/api/pages/page%201.png", json=page)
        said = next(one for one in lines if one.startswith("data:"))
        assert '"type": "page"' in said
        assert '"id": "page 1.png"' in said
        path = folder / "page 1.xml"
        path.write_text(path.read_text("utf-8").replace("<Page ", '<Page primaryLanguage="Latin" '), "utf-8")
        said = next(one for one in lines if '"page"' in one)
        assert f'"version": "{served.browser.get("/api/pages/page%201.png").json()["version"]}"' in said
        draw(folder / "page 3.png")
        assert any('"project"' in one for one in lines if one.startswith("data:"))


def test_beyond_loopback_the_address_has_a_token(folder: Path, start: Start) -> None:
    served = start(folder, "--host", "0.0.0.0")
    token = re.search(r"\?token=(\S+)", served.address)
    assert token
    port = served.address.split(":")[2].partition("/")[0]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        assert browser.get("/api/project").status_code == 401
        assert browser.get(f"/?token={token[1]}", follow_redirects=True).status_code == 200
        assert browser.get("/api/project").status_code == 200


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-P", "-m", "htrkit", "serve", str(tmp_path / "file"), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "file" in done.stderr
    assert "Traceback" not in done.stderr


def whole(folder: Path) -> None:
    for path in folder.rglob("*.xml"):
        etree.parse(path)


def children(pid: int) -> set[int]:
    """The processes of a process, and theirs."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(path.parent.name)
            found |= {child} | children(child)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
def test_a_killed_read_goes_on_where_it_was(tmp_path: Path, start: Start) -> None:
    folder = tmp_path / "box"
    first = draw(folder / "page 00.png", TEXTS * 4)
    for number in range(1, PAGES):
        shutil.copy(first, folder / f"page {number:02}.png")
    served = start(folder)
    served.browser.post("/api/jobs", json={"kind": "read"})
    for _ in range(3000):
        if len(list(folder.glob("*.xml"))) >= 2:
            break
        time.sleep(0.02)
    others = children(served.process.pid)
    assert others
    served.kill()
    before = {path: path.read_bytes() for path in folder.glob("*.xml")}
    whole(folder)
    assert 2 <= len(before) < PAGES

    again = start(folder)
    (job,) = again.browser.get("/api/jobs").json()
    assert job["state"] == "interrupted"
    again.browser.post(f"/api/jobs/{job['id']}/resume")
    for _ in range(600):
        (job,) = again.browser.get("/api/jobs").json()
        if job["state"] == "done":
            break
        time.sleep(0.1)
    assert (job["state"], job["skipped"]) == ("done", [])
    pages = again.browser.get("/api/project").json()["pages"]
    assert {page["read"] for page in pages} == {pages[0]["lines"]}
    assert pages[0]["lines"] >= 12
    whole(folder)
    assert {path: path.read_bytes() for path in before} == before  # what was read is not read again
    assert not [path for path in folder.iterdir() if path.name.startswith("part-")]
    for pid in others:  # they have noticed
        state = Path(f"/proc/{pid}/stat")
        assert not state.exists() or ") Z" in state.read_text()


def test_a_save_is_in_the_folder_before_it_is_answered(folder: Path, start: Start) -> None:
    served = start(folder)
    page = served.browser.get("/api/pages/page%201.png").json()
    polygon = [[10, 10], [300, 10], [300, 60], [10, 60]]
    page["lines"] = [{"region": "", "polygon": polygon, "baseline": [], "text": "typed", "state": "corrected"}]
    assert served.browser.put("/api/pages/page%201.png", json=page).status_code == 200
    served.kill()
    assert "typed" in (folder / "page 1.xml").read_text("utf-8")
    assert start(folder).browser.get("/api/project").json()["counts"]["corrected"] == 1


def test_what_htrkit_recognize_wrote_is_opened_and_the_other_way_round(folder: Path, start: Start) -> None:
    command = [sys.executable, "-P", "-m", "htrkit", "recognize", str(folder), "--format", "page-xml", "--output"]
    subprocess.run([*command, str(folder)], check=True, timeout=120, env={**os.environ, "NO_COLOR": "1"})
    served = start(folder)
    page = served.browser.get("/api/pages/page%201.png").json()
    assert [line["state"] for line in page["lines"]] == ["read"] * 3
    page["lines"][0] |= {"text": "mine", "state": "corrected"}
    assert served.browser.put("/api/pages/page%201.png", json=page).status_code == 200
    samples = subprocess.run(
        [sys.executable, "-P", "-m", "htrkit", "recognize", str(folder), "--output", str(folder.parent / "out.txt")],
        check=True,
        timeout=120,
    )
    assert samples.returncode == 0
    assert len((folder.parent / "out.txt").read_text("utf-8").splitlines()) == 5


def test_a_folder_that_is_served_is_not_served_twice(folder: Path, start: Start) -> None:
    first = start(folder)
    command = [sys.executable, "-P", "-m", "htrkit", "serve", str(folder), "--no-browser", "--port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert second.stderr.strip() == f"error: {folder} is served already at {first.address}"
    first.kill()
    start(folder)
