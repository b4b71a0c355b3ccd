"""Lines are found and read by jobs; what people have corrected stays, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from desk_requests import PAGE, TEXTS, Serve, draw, line, saved, wait
from htrkit_desk import worker
from htrkit_desk.worker import Part, Work
from starlette.testclient import TestClient

from htrkit import Line, Recognizer


def run(desk: TestClient, kind: str, **asked: object) -> dict[str, Any]:
    answer = desk.post("/api/jobs", json={"kind": kind, **asked})
    assert answer.status_code == 200, answer.text
    return wait(desk)


def test_lines_are_found_read_and_saved(desk: TestClient, folder: Path) -> None:
    job = run(desk, "segment")
    assert (job["state"], job["done"], job["total"]) == ("done", 2, 2)
    found = desk.get(PAGE).json()
    assert [one["state"] for one in found["lines"]] == ["empty"] * 3
    job = run(desk, "read")
    assert (job["state"], job["done"], job["total"], job["skipped"]) == ("done", 5, 5, [])
    page = desk.get(PAGE).json()
    assert [one["polygon"] for one in page["lines"]] == [one["polygon"] for one in found["lines"]]
    for one in page["lines"]:
        assert (one["state"], 0.0 < one["confidence"] < 1.0) == ("read", True)
        assert all(len(word["polygon"]) == 4 for word in one["words"])
    assert (folder / "page 2.xml").exists()
    assert desk.get("/api/project").json()["counts"]["read"] == 5


def test_a_read_tells_how_far_it_is_every_few_lines(
    folder: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("htrkit_desk.jobs.OFTEN", 0.0)
    for path in folder.glob("*.png"):
        draw(path, TEXTS * 4)
    desk = serve(folder)
    done: list[int] = []
    desk.app.state.desk.tell = lambda kind, said: done.append(said["done"]) if kind == "job" else None
    some: list[int] = []
    recognize = Recognizer.recognize

    def counted(self: Recognizer, lines: list[Any]) -> Any:
        some.append(sum(isinstance(line, Line) for line in lines))
        return recognize(self, lines)

    monkeypatch.setattr(Recognizer, "recognize", counted)
    parts = tuple(Part(path.name, path) for path in sorted(folder.glob("*.png")))
    answers = list(worker.done(Work(parts, None)))
    assert sum("hypotheses" in one for one in answers) == sum(some) > 20
    assert max(some) <= worker.LINES * max(1, (os.cpu_count() or 2) - 1)
    run(desk, "read")
    assert done == sorted(done)
    assert len(set(done)) == sum(some) + 1


def test_a_read_finds_the_lines_where_there_are_none_and_leaves_what_is_corrected(desk: TestClient) -> None:
    saved(desk, line(0, "by a person", "corrected"), line(1), line(2))
    job = run(desk, "read")
    assert (job["state"], job["done"], job["total"]) == ("done", 4, 4)
    first, *others = desk.get(PAGE).json()["lines"]
    assert (first["text"], first["state"]) == ("by a person", "corrected")
    assert [one["state"] for one in others] == ["read", "read"]
    assert desk.get("/api/pages/page%202.png").json()["lines"][0]["state"] == "read"


def test_what_is_read_is_read_again_only_if_asked(desk: TestClient) -> None:
    run(desk, "read", pages=["page 1.png"])
    before = desk.get(PAGE).json()
    assert run(desk, "read", pages=["page 1.png"])["total"] == 0
    assert desk.get(PAGE).json() == before
    job = run(desk, "read", pages=["page 1.png"], overwrite=True, decoder="beam:beam_width=3")
    assert job["done"] == 3
    assert desk.get(PAGE).json()["version"] != before["version"]


def test_lines_are_not_found_anew_where_one_is_corrected(desk: TestClient) -> None:
    saved(desk, line(0, "by a person", "corrected"))
    page = "/api/pages/page%202.png"
    saved(desk, line(0), page=page)
    job = run(desk, "segment", overwrite=True)
    assert "1 of them are corrected" in job["skipped"][0]
    assert len(desk.get(PAGE).json()["lines"]) == 1
    assert len(desk.get(page).json()["lines"]) == 2


def test_a_page_that_cannot_be_read_costs_itself(folder: Path, serve: Serve) -> None:
    whole = (folder / "page 1.png").read_bytes()
    (folder / "page 0.png").write_bytes(whole[: len(whole) // 2])
    desk = serve(folder)
    job = run(desk, "read", pages=["page 0.png", "page 2.png"])
    assert job["state"] == "done"
    assert "page 0.png" in job["skipped"][0]
    assert desk.get("/api/pages/page%202.png").json()["lines"][0]["state"] == "read"


def test_an_image_of_one_line_is_a_page_of_one_line(folder: Path, serve: Serve) -> None:
    from PIL import Image

    with Image.open(folder / "page 1.png") as page:
        page.crop((40, 20, 480, 110)).save(folder / "line.png")
    desk = serve(folder)
    run(desk, "read", pages=["line.png"])
    (only,) = desk.get("/api/pages/line.png").json()["lines"]
    assert only["polygon"] == [[0, 0], [440, 0], [440, 90], [0, 90]]
    assert only["state"] == "read"


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "dance"},
        {},
        {"kind": "read", "pages": "all"},
        {"kind": "read", "pages": ["nothing.png"]},
        {"kind": "read", "pages": ["../box/page 1.png"]},
        {"kind": "read", "decoder": "nothing"},
        {"kind": "read", "decoder": "word-beam:lexicon=/etc/passwd"},
        {"kind": "teach", "epochs": 0},
        {"kind": "unpack", "pages": ["page 1.png"]},
    ],
)
def test_jobs_that_cannot_be_are_refused(desk: TestClient, asked: dict[str, object]) -> None:
    assert desk.post("/api/jobs", json=asked).status_code in (400, 404)
    assert desk.get("/api/jobs").json() == []


def test_decoders_are_asked_side_by_side(desk: TestClient) -> None:
    page = saved(desk, line(0, "Written by hand", "corrected"))
    at = f"{PAGE}/lines/{page['lines'][0]['id']}"
    wanted = ["best-path", "beam:beam_width=5", "nothing", "word-beam:lexicon=/etc/passwd"]
    answer = desk.post(at + "/decode", json={"decoders": wanted})
    said = {one["decoder"]: one for one in map(json.loads, answer.text.splitlines())}
    assert set(said) == set(wanted)
    for name in wanted[:2]:
        assert said[name]["text"]
        assert said[name]["seconds"] >= 0.0
        assert said[name]["words"][0]["polygon"]
    assert "no decoder named 'nothing'" in said["nothing"]["error"]
    assert "error" in said[wanted[3]]
    assert desk.get(PAGE).json() == page
    for bad in ({"decoders": "beam"}, {"decoders": [1]}):
        assert desk.post(at + "/decode", json=bad).status_code == 400
    assert desk.post(f"{PAGE}/lines/no/decode", json={}).status_code == 404


def test_what_the_network_saw_is_aligned_with_the_picture(desk: TestClient) -> None:
    page = saved(desk, line(0, "Written by hand", "corrected"))
    seen = desk.get(f"{PAGE}/lines/{page['lines'][0]['id']}/network").json()
    assert seen["frames"] == len(seen["columns"]) == len(seen["spans"]) > 20
    assert seen["width"] == 450
    for column in seen["columns"]:
        shares = [share for _, share in column]
        assert len(column) == 4
        assert shares == sorted(shares, reverse=True)
    lefts = [left for left, _ in seen["spans"]]
    assert lefts == sorted(lefts)
    assert seen["spans"][0][0] < 30
    assert all(left < right for left, right in seen["spans"])  # also of frames on paper beside the line
    assert seen["spans"][-1][1] > 200


def test_a_decoder_that_hangs_is_stopped(desk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from htrkit_desk import trials

    from htrkit.evaluation.contest.isolation import Limits

    monkeypatch.setattr(trials, "LIMITS", Limits(line=0.01, start=0.01))
    page = saved(desk, line(0, "Written by hand", "corrected"))
    answer = desk.post(f"{PAGE}/lines/{page['lines'][0]['id']}/decode", json={"decoders": ["beam"]})
    assert "longer than 0.01 s" in json.loads(answer.text)["error"]


def test_pages_of_a_pdf_are_read(folder: Path, serve: Serve) -> None:
    pytest.importorskip("htrkit_pdf")
    from PIL import Image

    for path in folder.iterdir():
        path.unlink()
    sheets = [Image.open(draw(folder.parent / f"{number}.png")) for number in (1, 2)]
    sheets[0].save(folder / "letters.pdf", "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    desk = serve(folder)
    wait(desk)
    assert [one["id"] for one in desk.get("/api/project").json()["pages"]] == ["letters.pdf#1", "letters.pdf#2"]
    job = run(desk, "read", pages=["letters.pdf#2"])
    assert job["done"] == 3
    assert (folder / "letters#2.xml").exists()
    assert desk.get("/api/pages/letters.pdf%232/image").status_code == 200
