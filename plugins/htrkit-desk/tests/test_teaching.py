"""A network learns from corrected lines, is judged by those held back, and is chosen only if it is better."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_requests import Serve, draw, line, saved, wait
from htrkit_desk import teaching
from htrkit_desk.job import Job
from htrkit_desk.jobs import Task
from htrkit_desk.project import Project
from htrkit_desk.truth import HELD_BACK, split
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from htrkit import HtrkitError, plugins

pytest.importorskip("keras")

SHIPPED = Path(plugins.create("model", "latin-script"))
WORDS = ("aa", "ab", "ba", "bb", "aab", "bab", "abb", "bba")


@pytest.fixture
def corrected(tmp_path: Path, serve: Serve) -> TestClient:
    """A desk with ten corrected lines."""
    folder = tmp_path / "box"
    for number in range(2):
        draw(folder / f"page {number}.png", WORDS[number : number + 5])
    desk = serve(folder)
    for number in range(2):
        lines = [line(i, word, "corrected") for i, word in enumerate(WORDS[number : number + 5])]
        saved(desk, *lines, page=f"/api/pages/page%20{number}.png")
    return desk


def taught(desk: TestClient, **asked: object) -> dict[str, Any]:
    assert desk.post("/api/jobs", json={"kind": "teach", **asked}).status_code == 200
    return wait(desk)


def test_what_is_corrected_is_learnt_in_a_process_of_its_own_that_can_be_stopped(
    corrected: TestClient, tmp_path: Path
) -> None:
    job = corrected.post("/api/jobs", json={"kind": "teach", "epochs": 2}).json()
    until(lambda: corrected.get("/api/jobs").json()[0]["done"] >= 1)
    corrected.delete(f"/api/jobs/{job['id']}")
    assert wait(corrected)["state"] == "cancelled"
    corrected.post(f"/api/jobs/{job['id']}/resume")
    done = wait(corrected, 300)
    assert (done["state"], done["done"], done["total"]) == ("done", 2, 2), done
    result = done["result"]
    assert (result["lines"], 1 <= result["held_back"] < 10) == (10, True)
    assert result["model"] == ".htrkit/models/1"
    assert (tmp_path / "box" / ".htrkit" / "models" / "1" / "model.json").exists()
    model = corrected.get("/api/project").json()["settings"]["model"]
    assert model == (".htrkit/models/1" if result["chosen"] else "latin-script")
    assert result["chosen"] == (result["after"] < result["before"])
    assert ".htrkit/models/1" in {one["name"] for one in corrected.get("/api/components").json()["models"]}
    rows = (tmp_path / "box" / ".htrkit" / "jobs" / job["id"] / "train.tsv").read_text().splitlines()
    assert rows[0] == "image\ttext\tpage"
    assert {row.split("\t")[2] for row in rows[1:]} <= {"page 0.png", "page 1.png"}


def until(true: Callable[[], bool]) -> None:
    for _ in range(6000):
        if true():
            return
        time.sleep(0.05)
    raise TimeoutError


@pytest.mark.parametrize(("after", "chosen"), [(0.1, True), (0.3, False), (0.2, False)])
def test_only_a_better_network_is_chosen(
    corrected: TestClient, monkeypatch: pytest.MonkeyPatch, after: float, chosen: bool
) -> None:
    rates = iter([0.2, after])
    monkeypatch.setattr(teaching.Teacher, "_measured", lambda *_: next(rates))
    monkeypatch.setattr(teaching.Teacher, "_train", lambda self, task, base, out: shutil.copytree(SHIPPED, out))
    result = taught(corrected)["result"]
    assert (result["before"], result["after"], result["chosen"]) == (0.2, after, chosen)
    assert corrected.get("/api/project").json()["settings"]["model"] == (
        ".htrkit/models/1" if chosen else "latin-script"
    )


def test_it_trains_as_htrkit_train_does_without_options_and_says_how_long_that_takes(
    corrected: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    told: list[Job] = []

    def run(task: Task, command: list[str]) -> Iterator[str]:
        commands.append(command)
        yield "epoch 3/40  loss 1.234  CER 12.34% (began with 40.00%)  WER 50.00%  exact 0.00%  31 s"

    monkeypatch.setattr(teaching, "htrkit", run)
    monkeypatch.setattr("htrkit_desk.jobs.OFTEN", 0.0)
    teacher = teaching.Teacher(Project(tmp_path / "box"))
    for asked in ({}, {"epochs": 3}):
        teacher._train(Task(Job("1", "teach", asked=asked), tmp_path / "jobs", told.append), None, tmp_path / "out")
    tables = [str(tmp_path / "jobs" / "1" / name) for name in ("train.tsv", "valid.tsv")]
    whole = ["train", tables[0], "--valid", tables[1], "--out", str(tmp_path / "out"), "--from", "latin-script"]
    assert commands == [whole, [*whole, "--epochs", "3"]]
    last = max(told, key=lambda job: job.done)
    assert (last.done, last.total, last.note) == (3, 40, ("epoch", "12.34", "20"))


def test_too_few_lines_are_said(desk: TestClient) -> None:
    saved(desk, line(0, "x", "corrected"))
    job = taught(desk)
    assert job["state"] == "failed"
    assert "too few to learn from" in job["error"]


def test_what_a_command_refuses_is_said_in_a_sentence(tmp_path: Path) -> None:
    task = Task(Job("1", "teach"), tmp_path, lambda job: None)
    with pytest.raises(HtrkitError, match=r"^nothing\.png: no such file$"):
        list(teaching.htrkit(task, ["recognize", "nothing.png"]))


def test_a_missing_backend_is_said_with_what_to_install(corrected: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "nothing_of_the_kind")
    job = taught(corrected)
    assert job["state"] == "failed"
    assert "install" in job["error"] or "nothing_of_the_kind" in job["error"]


@given(st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=2, max_size=200))
def test_lines_are_held_back_by_their_own_chance(chances: list[float]) -> None:
    held = split(chances)
    assert any(held)
    assert not all(held)
    if any(chance < HELD_BACK for chance in chances) and any(chance >= HELD_BACK for chance in chances):
        assert held == [chance < HELD_BACK for chance in chances]
