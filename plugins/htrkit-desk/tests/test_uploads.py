"""Files that a browser sends come into the folder under a safe name, checked, and over nothing that is there."""

from __future__ import annotations

import io
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from desk_requests import PAGE, draw, line, saved
from htrkit_desk.uploads import LONGEST, safe_name, take
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from starlette.testclient import TestClient

from htrkit import InputError
from tests.time_limits import processor_time_within


def send(desk: TestClient, *files: tuple[str, bytes]) -> tuple[list[str], dict[str, str]]:
    """What is added, and what is refused and why."""
    answer = desk.post("/api/pages", files=[("file", file) for file in files])
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return [one["id"] for one in said["added"]], {one["name"]: one["reason"] for one in said["failed"]}


def png(width: int = 300, height: int = 200, shade: int = 255) -> bytes:
    data = io.BytesIO()
    Image.new("L", (width, height), shade).save(data, "PNG")
    return data.getvalue()


def test_an_image_becomes_a_page(desk: TestClient, folder: Path) -> None:
    assert send(desk, ("new.png", png())) == (["new.png"], {})
    assert (folder / "new.png").read_bytes() == png()
    assert desk.get("/api/project").json()["counts"]["pages"] == 3
    assert list((folder / ".htrkit" / "incoming").iterdir()) == []


def test_xml_comes_with_its_image(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    xml = (
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"><Page imageFilename="a.png" '
        'imageWidth="300" imageHeight="200"><TextRegion id="r"><Coords points="0,0 9,0 9,9"/><TextLine id="l">'
        '<Coords points="0,0 99,0 99,9 0,9"/><TextEquiv><Unicode>known</Unicode></TextEquiv></TextLine>'
        "</TextRegion></Page></PcGts>"
    )
    assert send(desk, ("a.png", png()), ("a.xml", xml.encode())) == (["a.png"], {})
    assert desk.get("/api/pages/a.png").json()["lines"][0]["text"] == "known"
    assert "there already" in send(desk, ("a.xml", xml.encode()))[1]["a.xml"]
    (folder / "page").mkdir()
    (folder / "a.xml").rename(folder / "page" / "a.xml")
    other = xml.replace("known", "not this").encode()
    assert send(desk, ("a.xml", other))[1]["a.xml"] == "page/a.xml is there already"
    assert desk.get("/api/pages/a.png").json()["lines"][0]["text"] == "known"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("text.txt", b"hello", "no image"),
        ("x.png", b"hello", "not an image"),
        ("x.png", b"", "not an image"),
        ("x.xml", b"<html/>", "neither PAGE nor ALTO"),
        ("x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><PcGts>&b;</PcGts>', "document type"),
        ("htrkit.json", b"{}", "no image"),
        ("..", b"x", "cannot be the name"),
        ("tiny.png", png(1, 1), "too few"),
    ],
)
def test_what_is_no_page_is_refused_and_the_others_are_taken(
    desk: TestClient, folder: Path, name: str, content: bytes, why: str
) -> None:
    before = sorted(path.name for path in folder.iterdir())
    added, failed = send(desk, (name, content), ("good.png", png()))
    assert added == ["good.png"]
    assert why in failed[name]
    assert str(folder) not in failed[name]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, "good.png"])


def test_images_that_claim_too_many_pixels_are_refused(desk: TestClient) -> None:
    bomb = bytearray(png())
    bomb[16:24] = (60_000).to_bytes(4) * 2
    assert send(desk, ("bomb.png", bytes(bomb)))[1]["bomb.png"]
    header = b"P5\n60000 60000\n255\n"
    assert "million pixels" in send(desk, ("bomb.pgm", header + b"\0" * 100))[1]["bomb.pgm"]


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("../../evil.png", "evil.png"),
        ("/etc/evil.png", "evil.png"),
        ("C:\\Windows\\evil.png", "evil.png"),
        ("..\\evil.png", "evil.png"),
        ("CON.png", "_CON.png"),
        ("lpt1.png", "_lpt1.png"),
        ("a:b*c?.png", "a_b_c_.png"),
        ("book#2.png", "book_2.png"),
        (".hidden.png", "hidden.png"),
        ("trailing.png. ", "trailing.png"),
        ("nul\0l.png", "null.png"),
        ("e\u0301t\u00e9.png", "\u00e9t\u00e9.png"),
        ("gnp\u202e.png", "gnp.png"),
        ("x" * 400 + ".png", "x" * 196 + ".png"),
        ("\u0436" * 400 + ".png", "\u0436" * 98 + ".png"),
    ],
)
def test_names_are_safe_on_every_system(folder: Path, name: str, becomes: str) -> None:
    assert safe_name(name) == becomes
    assert take(folder, name, io.BytesIO(png())) == folder / becomes
    assert (folder / becomes).read_bytes() == png()


@given(st.text(max_size=300))
def test_a_name_never_leads_anywhere(name: str) -> None:
    try:
        found = safe_name(name)
    except InputError:
        return
    assert Path(found).name == found == found.strip(" .")
    assert len(found.encode()) <= LONGEST + 1
    assert not found.startswith(".")
    found.encode()


def test_nothing_is_written_over(desk: TestClient, folder: Path) -> None:
    before = (folder / "page 1.png").read_bytes()
    assert send(desk, ("page 1.png", png())) == (["page 1-2.png"], {})
    assert (folder / "page 1.png").read_bytes() == before
    assert "there already" in send(desk, ("page 1.png", before))[1]["page 1.png"]


def test_links_are_not_written_through(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"precious")
    (folder / "link.png").symlink_to(outside)
    added, _ = send(desk, ("link.png", png()))
    assert added == ["link-2.png"]
    assert outside.read_bytes() == b"precious"


def test_links_that_lead_out_of_the_folder_are_no_pages(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    draw(tmp_path / "private" / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "private" / "secret.png")
    (folder / "inner").symlink_to(tmp_path / "private")
    (folder / "other.png").symlink_to(folder / "page 1.png")
    assert {one["id"] for one in desk.get("/api/project").json()["pages"]} == {"page 1.png", "page 2.png", "other.png"}
    for id_ in ("link.png", "inner%2Fsecret.png", "..%2Fprivate%2Fsecret.png", "%2Fetc%2Fpasswd"):
        assert desk.get(f"/api/pages/{id_}").status_code == 404
        assert desk.get(f"/api/pages/{id_}/image").status_code == 404


def test_an_xml_link_is_not_written_through(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.xml"
    outside.write_text("precious")
    (folder / "page 1.xml").symlink_to(outside)
    page = desk.get("/api/pages/page%201.png")
    answer = desk.put("/api/pages/page%201.png", json={"version": "new", "regions": [], "lines": []})
    assert (page.status_code, answer.status_code) != (200, 200)
    assert outside.read_text() == "precious"


def test_static_files_lead_nowhere_else(desk: TestClient) -> None:
    for path in ("/static/../server.py", "/static/..%2fserver.py", "/static/%2e%2e/server.py", "/static//etc/passwd"):
        assert desk.get(path).status_code == 404


def test_a_tiff_that_claims_countless_pages_is_refused_at_once(desk: TestClient) -> None:
    tags = {256: 300, 257: 300, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 300, 279: 90_000}
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    length = len(fields) + 6
    pages = (struct.pack("<H", len(tags)) + fields + struct.pack("<I", 8 + length * at) for at in range(1, 200_001))
    began = time.monotonic()
    with processor_time_within(10.0):
        _, failed = send(desk, ("countless.tif", b"II*\0" + struct.pack("<I", 8) + b"".join(pages)))
    assert failed == {"countless.tif": "the image has more than 5,000 pages"}
    assert time.monotonic() - began < 60


def test_pages_of_one_name_that_come_at_the_same_time_are_all_kept(folder: Path) -> None:
    contents = [png(shade=shade) for shade in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for at in range(10):
            paths = list(pool.map(lambda content, at=at: take(folder, f"s{at}.png", io.BytesIO(content)), contents))  # type: ignore[misc]
            assert [path.read_bytes() for path in paths] == contents
    assert list((folder / ".htrkit" / "incoming").iterdir()) == []


def test_a_long_name_costs_no_other_file(desk: TestClient) -> None:
    added, failed = send(desk, ("a.png", png()), ("\u0436" * 140 + ".png", png()), ("b.png", png()))
    assert (sorted(added), failed) == (["a.png", "b.png", "\u0436" * 98 + ".png"], {})


def test_a_name_that_the_disk_does_not_take_costs_no_other_file(
    desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("htrkit_desk.uploads.LONGEST", 400)
    added, failed = send(desk, ("a.png", png()), ("x" * 300 + ".png", png()), ("b.png", png()))
    assert added == ["a.png", "b.png"]
    assert "cannot be kept" in next(iter(failed.values()))


def test_huge_xml_is_refused_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htrkit_desk.uploads.MAX_BYTES", 1000)
    with pytest.raises(InputError, match="far larger than the description of a page"):
        take(folder, "big.xml", io.BytesIO(b"<PcGts>" + b" " * 1000))
    assert not (folder / "big.xml").exists()


def test_xml_that_names_the_picture_of_another_page_hides_no_corrections(desk: TestClient, folder: Path) -> None:
    saved(desk, line(0, "my correction", "corrected"))
    xml = (folder / "page 1.xml").read_bytes().replace(b"my correction", b"a stranger's")
    assert send(desk, ("aaa.xml", xml))[1] == {}
    assert [one["text"] for one in desk.get(PAGE).json()["lines"]] == ["my correction"]
    (folder / "page 1.xml").unlink()
    desk.get("/api/project")
    assert [one["text"] for one in desk.get(PAGE).json()["lines"]] == ["a stranger's"]
