"""Downloads: every format, a table that can be trained on, everything together."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from desk_requests import PAGE, Serve, line, saved
from lxml import etree
from page_schemas import SCHEMAS, schema
from starlette.testclient import TestClient

from htrkit.readers import open_samples

SECOND = "/api/pages/page%202.png"


@pytest.fixture
def done(desk: TestClient) -> TestClient:
    """A desk with three corrected lines on two pages."""
    saved(desk, line(0, "Written by <hand>", "corrected"), line(1, "in three lines", "corrected"), line(2))
    saved(desk, line(0, "another page", "corrected"), page=SECOND)
    return desk


def got(desk: TestClient, format: str, *pages: str) -> tuple[str, bytes]:
    """The name of a download, and its content."""
    answer = desk.get("/api/export", params={"format": format, "pages": list(pages)})
    assert answer.status_code == 200, answer.text
    return answer.headers["content-disposition"], answer.content


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("format", SCHEMAS)
def test_pages_are_valid_in_archives(done: TestClient, format: str) -> None:
    name, content = got(done, format)
    assert f"-{format}.zip" in name
    files = members(content)
    assert sorted(files) == ["page 1.xml", "page 2.xml"]
    valid = schema(format)
    if valid is None:
        pytest.skip("HTRKIT_DATA is not set: it names the folder with the official schemas")
    for data in files.values():
        valid.assertValid(etree.fromstring(data).getroottree())
    assert b"Written by" in files["page 1.xml"]


def test_one_page_is_one_file(done: TestClient) -> None:
    name, content = got(done, "page-xml", "page 1.png")
    assert "page%201.png.xml" in name
    assert b"&lt;hand&gt;" in content
    assert b"another" not in content


def test_hocr_txt_and_jsonl(done: TestClient) -> None:
    assert b"ocr_line" in members(got(done, "hocr")[1])["page 2.hocr"]
    assert got(done, "txt")[1].decode().splitlines() == [
        "page 1.png\tWritten by <hand>",
        "page 1.png\tin three lines",
        "page 2.png\tanother page",
    ]
    rows = [json.loads(row) for row in got(done, "jsonl")[1].splitlines()]
    assert [row["text"] for row in rows] == ["Written by <hand>", "in three lines", "another page"]


def test_a_pdf_of_all_pages_can_be_searched(done: TestClient) -> None:
    pytest.importorskip("htrkit_pdf")
    import pypdfium2

    name, content = got(done, "pdf")
    assert name.endswith('.pdf"')
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 2
    assert "hand" in document[0].get_textpage().get_text_range()


def test_a_table_has_the_corrected_lines_and_can_be_trained_on(done: TestClient, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(got(done, "table")[1])) as archive:
        archive.extractall(tmp_path / "table")
    samples = list(open_samples([tmp_path / "table" / "table.tsv"]))
    assert [(one.text, one.groups["page"]) for one in samples] == [
        ("Written by <hand>", "page 1.png"),
        ("in three lines", "page 1.png"),
        ("another page", "page 2.png"),
    ]
    assert samples[0].line.pixels.shape == (66, 450)


def test_everything_is_a_folder_that_the_desk_opens(done: TestClient, folder: Path) -> None:
    done.put("/api/settings", json={"decoder": "beam"})
    files = members(got(done, "zip")[1])
    assert sorted(files) == ["htrkit.json", "page 1.png", "page 1.xml", "page 2.png", "page 2.xml", "texts.tsv"]
    assert files["page 1.png"] == (folder / "page 1.png").read_bytes()


@pytest.mark.parametrize("format", ["pdf", "overlay", "table", "zip", "txt"])
def test_a_page_whose_image_is_cut_off_costs_itself_and_is_named(folder: Path, serve: Serve, format: str) -> None:
    if format == "pdf":
        pytest.importorskip("htrkit_pdf")
    desk = serve(folder)
    for page in (PAGE, SECOND):
        saved(desk, line(0, "another page", "corrected"), page=page)
    whole = (folder / "page 1.png").read_bytes()
    (folder / "page 1.png").write_bytes(whole[: len(whole) // 2])
    (folder / "page 0.png").write_bytes(b"no image")
    desk.get("/api/project")
    with desk.stream("GET", "/api/export", params={"format": format}) as answer:
        content, left_out = answer.read(), json.loads(answer.headers["x-htrkit-left-out"])
    drawn = format not in ("zip", "txt")
    assert [one.partition(":")[0] for one in left_out] == ["page 0.png", "page 1.png"][: 1 + drawn]
    assert not drawn or "damaged or cut off" in left_out[1]
    assert str(folder) not in " ".join(left_out)
    if format == "pdf":
        import pypdfium2

        document = pypdfium2.PdfDocument(content)
        assert [page.get_textpage().get_text_range().strip() for page in document] == ["another page"]
    elif format == "txt":
        assert content.decode().splitlines() == ["page 1.png\tanother page", "page 2.png\tanother page"]
    else:
        files = members(content)
        assert files.pop("left-out.txt").decode().splitlines() == left_out
        assert len(files) == {"overlay": 1, "table": 2, "zip": 5}[format]


def test_where_nothing_can_be_exported_it_is_said_why(desk: TestClient, folder: Path) -> None:
    for path in folder.glob("*.png"):
        saved(desk, line(0, "x", "corrected"), page=f"/api/pages/{path.name}")
        path.write_bytes(path.read_bytes()[:900])
    answer = desk.get("/api/export?format=overlay")
    assert answer.status_code == 400
    assert "page 1.png" in answer.json()["error"]
    assert list((folder / ".htrkit" / "exports").iterdir()) == []


@pytest.mark.parametrize(
    "params", [{"format": "nothing"}, {"format": "txt", "pages": "nothing.png"}, {"format": "../x"}]
)
def test_what_cannot_be_exported_is_said(done: TestClient, params: dict[str, str]) -> None:
    answer = done.get("/api/export", params=params)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]


def test_a_table_of_nothing_is_refused(desk: TestClient) -> None:
    assert "no line is corrected" in desk.get("/api/export?format=table").json()["error"]


def test_downloads_leave_nothing_behind(done: TestClient, folder: Path) -> None:
    for format in ("page-xml", "zip", "table", "nothing"):
        done.get("/api/export", params={"format": format})
    assert list((folder / ".htrkit" / "exports").iterdir()) == []
