"""A search also says where words probably stand though something else was read, and keeps its index from nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from desk_requests import PAGE, Serve, draw, line, saved
from htrkit_desk.project import Project
from htrkit_desk.server import application
from starlette.testclient import TestClient

from htrkit import Recognizer

OTHER = "/api/pages/page%202.png"


def index(folder: Path) -> None:
    """As ``htrkit index`` does."""
    search = pytest.importorskip("htrkit_search")
    assert not search.update(folder, Recognizer.load(), sorted(map(str, folder.glob("*.xml")))).failures


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn pages with an index; in their files stands something else than on them, or nothing."""
    folder = tmp_path_factory.mktemp("indexed") / "a box"
    draw(folder / "page 1.png")
    draw(folder / "page 2.png", ("another page", "of two lines"))
    with TestClient(application(Project(folder)), base_url="http://127.0.0.1", headers={"X-Htrkit": "1"}) as desk:
        saved(desk, line(0, "Wriffen bg hond", "read"), line(1, "three lires", "read"), line(2, "peg", "corrected"))
        saved(desk, line(0), line(1, "of two LINES", "read"), page=OTHER)
    index(folder)
    return folder


@pytest.fixture
def folder(indexed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(indexed, tmp_path / "a box")


def hits(desk: TestClient, query: str) -> list[tuple[str, str]]:
    """The pages and lines that a query may stand on, when all is well with the index."""
    answer = asked(desk, query)
    assert (answer["index"], answer["problem"]) == ("there", None)
    return [(one["page"], one["line"]) for one in answer["hits"]]


def asked(desk: TestClient, query: str = "lines") -> dict[str, Any]:
    answer = desk.get("/api/hits", params={"q": query})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_misread_words_are_found_where_they_stand(desk: TestClient) -> None:
    answer = asked(desk, "hand")
    assert (answer["index"], answer["changed"], answer["problem"]) == ("there", 0, None)
    (hit,) = answer["hits"]
    assert (hit["page"], hit["line"], hit["text"]) == ("page 1.png", "line_1", "Wriffen bg hond")
    left, top, right, bottom = hit["box"]
    assert 220 < left < 290 < 350 < right < 420
    assert 20 < top < 74 <= bottom < 110
    assert 0.25 <= hit["confidence"] <= 1.0


def test_what_nobody_has_read_yet_is_found_with_what_the_index_read(desk: TestClient) -> None:
    (hit,) = asked(desk, "another")["hits"]
    assert (hit["page"], hit["line"]) == ("page 2.png", "line_1")
    assert "another" in hit["text"]


def test_lines_found_in_the_texts_or_corrected_by_a_person_are_left_out(desk: TestClient) -> None:
    assert hits(desk, "lines") == [("page 1.png", "line_2")]
    assert hits(desk, "page") == [("page 2.png", "line_1")]
    assert hits(desk, " ") == []


def test_the_surest_come_first(desk: TestClient) -> None:
    found = [one["confidence"] for one in asked(desk, "*n*")["hits"]]
    assert len(found) > 1
    assert found == sorted(found, reverse=True)


def test_lines_that_are_gone_or_stand_elsewhere_by_now_are_left_out(desk: TestClient) -> None:
    one, two, three = desk.get(PAGE).json()["lines"]
    saved(desk, {**one, "polygon": three["polygon"], "baseline": three["baseline"]}, two)
    assert hits(desk, "hand") == []
    assert hits(desk, "three lines") == [("page 1.png", "line_2")]
    saved(desk, one)
    assert hits(desk, "three lines") == []
    assert asked(desk)["changed"] == 1
    assert desk.delete(OTHER).status_code == 200
    assert hits(desk, "another") == []


def test_an_index_that_is_missing_damaged_or_a_link_costs_a_sentence(desk: TestClient, folder: Path) -> None:
    path = folder / "index.duckdb"
    kept = path.rename(folder.parent / "kept.duckdb")
    answer = asked(desk)
    assert (answer["index"], answer["hits"], answer["problem"]) == ("missing", [], None)
    assert answer["command"] == f"htrkit index '{folder}'"
    path.symlink_to(kept)
    assert asked(desk)["index"] == "missing"
    path.unlink()
    for content in (b"", b"no database at all" * 1000, kept.read_bytes()[:20_000]):
        path.write_bytes(content)
        answer = asked(desk)
        assert (answer["hits"], answer["index"]) == ([], "there")
        assert "index.duckdb is no index, or damaged" in answer["problem"]
    kept.replace(path)
    assert hits(desk, "lines") == [("page 1.png", "line_2")]


def test_queries_that_make_no_sense_to_the_index_are_still_looked_for_in_the_texts(desk: TestClient) -> None:
    assert "no letter" in asked(desk, "-")["problem"]
    assert desk.get("/api/search", params={"q": "-"}).json() == []


def test_without_the_plugin_there_is_nothing_to_say(desk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "htrkit_search", None)
    answer = asked(desk)
    assert (answer["index"], answer["hits"], answer["problem"]) == (None, [], None)


WRITE = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def writer(folder: Path) -> subprocess.Popen[str]:
    """Another program that writes to the index, until its input ends."""
    command = [sys.executable, "-c", WRITE, str(folder / "index.duckdb")]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def test_others_write_to_the_index_soon_after_a_search_and_are_waited_for(
    desk: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("htrkit_desk.hits.KEPT", 0.05)
    assert hits(desk, "lines")
    time.sleep(0.5)
    with writer(folder) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        answer = asked(desk)
        assert (answer["hits"], answer["index"]) == ([], "there")
        assert "is in use by another program" in answer["problem"]
        other.communicate(timeout=20)
    assert hits(desk, "lines")


def test_an_index_stays_open_from_one_search_to_the_next_until_its_file_changes(
    desk: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = pytest.importorskip("htrkit_search")
    opened: list[Path] = []
    open_index = search.Index.open

    def counted(path: Path) -> Any:
        opened.append(path)
        return open_index(path)

    monkeypatch.setattr(search.Index, "open", counted)
    for query in ("lines", "hand", "another"):
        assert hits(desk, query)
    assert len(opened) == 1
    os.utime(folder / "index.duckdb", (time.time(), time.time() + 5))
    assert hits(desk, "lines")
    assert len(opened) == 2


def test_pages_that_changed_since_are_found_once_they_are_indexed_again(
    desk: TestClient, folder: Path, serve: Serve
) -> None:
    saved(desk, line(0, "x", "read"), line(1, "of two lines", "read"), page=OTHER)
    assert asked(desk)["changed"] == 1
    desk.app.state.desk.hits.close()  # type: ignore[attr-defined]
    index(folder)
    assert asked(desk, "another")["changed"] == 0
    assert len(hits(desk, "another")) == 1
