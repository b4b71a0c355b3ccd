"""Files with many pages are drawn page by page: shown as they come, stopped, gone on with, and within the disk."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from desk_requests import PAGE, Serve, draw, line, saved, wait
from htrkit_desk import drawing
from htrkit_desk.drawing import Drawer
from htrkit_desk.job import Job
from htrkit_desk.jobs import StoppedError, Task
from htrkit_desk.project import Project
from PIL import Image
from starlette.testclient import TestClient

from htrkit import InputError, Page
from htrkit.pages.sources import Sources
from htrkit.processes import LostError

COUNT = 5


@pytest.fixture
def book(tmp_path: Path) -> Project:
    """A folder with a TIFF of five pages."""
    (tmp_path / "box").mkdir()
    save(tmp_path / "box" / "book.tif")
    return Project(tmp_path / "box")


def save(path: Path, count: int = COUNT, shade: int = 255) -> Path:
    sheets = [Image.new("L", (300, 200 + number), shade) for number in range(count)]
    sheets[0].save(path, save_all=True, append_images=sheets[1:])
    return path


class Drawing:
    """A job that draws a book; it can be stopped after some pages."""

    def __init__(self, project: Project, *, stop_after: int = 10_000) -> None:
        self.project, self.left = project, stop_after
        self.task = Task(Job("1", "unpack", ("book.tif",)), project.hidden / "jobs", self.told)
        self.task._said = -1e9

    def told(self, job: Job) -> None:
        if job.done and job.done >= self.left:
            self.task.stop()
        self.task._said = -1e9  # every update is told

    def run(self) -> Job:
        Drawer(self.project).unpack(self.task)
        return self.task.job


def test_a_file_elsewhere_is_not_drawn_whatever_a_job_says(book: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    save(book.root.parent / "private.tif")
    drawn: list[Path] = []
    monkeypatch.setattr(Drawer, "_draw", lambda self, task, file: drawn.append(file))
    task = Task(Job("1", "unpack", ("../private.tif", "book.tif")), book.hidden / "jobs", lambda _: None)
    Drawer(book).unpack(task)
    assert drawn == [book.root / "book.tif"]


def ids(project: Project) -> list[str]:
    project.look()
    return [one.id for one in project.entries()]


def test_what_is_drawn_before_a_stop_is_shown_and_not_drawn_again(book: Project) -> None:
    assert ids(book) == ["book.tif"]
    assert "not drawn yet" in str(book.summary(book.entry("book.tif")).failed)
    with pytest.raises(StoppedError):
        Drawing(book, stop_after=3).run()
    drawn = ids(book)
    assert drawn == [f"book.tif#{number}" for number in range(1, len(drawn) + 1)]
    assert 3 <= len(drawn) < COUNT
    before = {path: path.stat().st_mtime_ns for path in book.hidden.glob("unpacked/*/*.png")}
    job = Drawing(book).run()
    assert (job.position, job.done) == (1, COUNT - len(drawn))
    assert ids(book) == [f"book.tif#{number}" for number in range(1, COUNT + 1)]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert [book.summary(entry).height for entry in book.entries()] == [200, 201, 202, 203, 204]


@pytest.mark.parametrize(("limit", "value"), [("MOST", 1), ("ROOM", 1 << 80), ("MAX_PAGES", 1)])
def test_the_disk_is_never_filled_and_it_is_said(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(drawing, limit, value)
    draw(tmp_path / "box" / "page 1.png")
    save(tmp_path / "box" / "book.tif")
    desk = serve(tmp_path / "box")
    job = wait(desk)
    assert (job["kind"], job["state"]) == ("unpack", "failed")
    assert "book.tif" in job["error"]
    assert "split it" in job["error"]
    assert len(list((tmp_path / "box").glob(".htrkit/unpacked/*/*.png"))) <= 2
    assert desk.get(PAGE).status_code == 200


def test_a_file_that_cannot_be_drawn_costs_itself_alone(book: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    save(book.root / "large.tif", COUNT + 1)
    monkeypatch.setattr(drawing, "MAX_PAGES", COUNT)
    book.look()
    task = Task(Job("1", "unpack", ("large.tif", "book.tif")), book.hidden / "jobs", lambda job: None)
    with pytest.raises(InputError, match=r"large\.tif has more than 5 pages"):
        Drawer(book).unpack(task)
    assert task.job.position == 0
    assert {f"book.tif#{number}" for number in range(1, COUNT + 1)} < set(ids(book))
    assert [path.name for path in book.to_unpack] == ["large.tif"]


def test_a_file_that_changes_while_it_is_drawn_is_not_taken_for_drawn(
    book: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = drawing.answers

    def changed(ask: Any) -> Any:
        yield from given(ask)
        save(book.root / "book.tif", 2, shade=250)
        raise LostError("it raised FileNotFoundError")

    monkeypatch.setattr(drawing, "answers", changed)
    with pytest.raises(InputError, match="has changed meanwhile"):
        Drawing(book).run()
    monkeypatch.setattr(drawing, "answers", given)
    Drawing(book).run()
    assert ids(book) == ["book.tif#1", "book.tif#2"]
    assert [book.summary(entry).failed for entry in book.entries()] == [None, None]


def test_pictures_of_a_file_that_has_changed_or_gone_are_thrown_away(book: Project) -> None:
    Drawing(book).run()
    save(book.root / "book.tif", 2, shade=250)
    os.utime(book.root / "book.tif", (1, 1))
    Drawing(book).run()
    assert ids(book) == ["book.tif#1", "book.tif#2"]
    assert len(list(book.hidden.glob("unpacked/*/*.png"))) == 2
    (book.root / "book.tif").unlink()
    assert ids(book) == []
    assert list(book.hidden.glob("unpacked/*")) == []


def test_a_page_on_which_the_process_is_lost_costs_itself(book: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    given = drawing.answers

    def lost_at_two(ask: Any) -> Any:
        for number, said in enumerate(given(ask), start=1):
            if number == 2:
                monkeypatch.setattr(drawing, "answers", given)
                raise LostError("crashed (SIGSEGV)")
            yield said

    monkeypatch.setattr(drawing, "answers", lost_at_two)
    Drawing(book).run()
    assert len(ids(book)) == COUNT
    failed = [book.summary(entry).failed for entry in book.entries()]
    assert [why is None for why in failed] == [True, False, True, True, True]
    assert "crashed" in str(failed[1])


def test_a_file_that_is_sent_is_drawn_then_read(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "box").mkdir()
    sheets = [Image.open(draw(tmp_path / f"{number}.png")) for number in (1, 2)]
    data = io.BytesIO()
    sheets[0].save(data, "TIFF", save_all=True, append_images=sheets[1:])
    desk: TestClient = serve(tmp_path / "box")
    (added,) = desk.post("/api/pages", files=[("file", ("letters.tif", data.getvalue()))]).json()["added"]
    desk.post("/api/jobs", json={"kind": "read", "pages": [added["id"]]})
    job = wait(desk)
    assert (job["kind"], job["state"], job["pages"], job["done"]) == ("read", "done", 2, 6)
    pages = desk.get("/api/project").json()["pages"]
    assert [(page["id"], page["read"]) for page in pages] == [("letters.tif#1", 3), ("letters.tif#2", 3)]


@pytest.mark.parametrize("format", ["TIFF", "PDF"])
def test_what_is_saved_of_a_page_is_read_by_htrkit(tmp_path: Path, serve: Serve, format: str) -> None:
    if format == "PDF":
        pytest.importorskip("htrkit_pdf")
    folder = tmp_path / "box"
    folder.mkdir()
    first, second = (Image.open(draw(tmp_path / f"{number}.png", ("one", "two")[:number])) for number in (1, 2))
    first.save(folder / f"letters.{format.lower()}", format, save_all=True, append_images=[second], resolution=72)
    desk = serve(folder)
    wait(desk)
    saved(desk, line(0, "second", "corrected"), page=f"/api/pages/letters.{format.lower()}%232")
    (page,) = Sources().pages([str(folder / "letters#2.xml")])
    assert isinstance(page, Page)
    assert [text for _, text in page.lines] == ["second"]
    assert page.pixels.shape == (540, 640)
    assert page.image_page == 2
