"""What the page asks of the desk, and what is then in the folder."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import pytest
from desk_requests import PAGE, Serve, draw, line, saved, wait
from PIL import Image
from starlette.testclient import TestClient

from htrkit import InputError


def test_the_pages_of_a_folder_are_listed(desk: TestClient, folder: Path) -> None:
    project = desk.get("/api/project").json()
    assert project["name"] == folder.name
    assert [(one["id"], one["width"], one["height"], one["failed"]) for one in project["pages"]] == [
        ("page 1.png", 640, 630, None),
        ("page 2.png", 640, 540, None),
    ]
    assert project["counts"] == {"pages": 2, "lines": 0, "read": 0, "corrected": 0, "finished": 0}
    assert (project["settings"]["model"], project["settings"]["segmenter"]) == ("latin-script", "lines")
    assert "a" in project["alphabet"]


def test_what_is_saved_is_in_the_folder_and_in_the_list(desk: TestClient, folder: Path, serve: Serve) -> None:
    page = saved(desk, line(0, "Written by hand", "corrected"), line(1), finished=True)
    assert (folder / "page 1.xml").exists()
    summary = desk.get("/api/project").json()["pages"][0]
    assert (summary["lines"], summary["corrected"], summary["finished"]) == (2, 1, True)
    shutil.rmtree(folder / ".htrkit")
    again = serve(folder)
    assert again.get(PAGE).json() == page
    assert again.get("/api/project").json()["pages"][0] == summary


def test_the_later_of_two_saves_is_told_of_the_other(desk: TestClient) -> None:
    one = saved(desk, line(0, "first", "corrected"))
    other = {**one, "lines": [{**one["lines"][0], "text": "from another tab"}]}
    assert desk.put(PAGE, json=other).status_code == 200
    late = desk.put(PAGE, json={**one, "lines": [{**one["lines"][0], "text": "too late"}]})
    assert late.status_code == 409
    assert late.json()["page"]["lines"][0]["text"] == "from another tab"
    merged = {**late.json()["page"], "lines": [{**one["lines"][0], "text": "both"}]}
    assert desk.put(PAGE, json=merged).status_code == 200


def test_an_edit_from_outside_is_noticed(desk: TestClient, folder: Path) -> None:
    one = saved(desk, line(0, "first", "corrected"))
    path = folder / "page 1.xml"
    path.write_text(path.read_text("utf-8").replace("first", "by another program"), "utf-8")
    assert desk.put(PAGE, json=one).status_code == 409
    assert desk.get(PAGE).json()["lines"][0]["text"] == "by another program"
    assert desk.get("/api/search?q=another").json()[0]["page"] == "page 1.png"


def test_pages_that_come_and_go_outside_are_noticed(desk: TestClient, folder: Path) -> None:
    draw(folder / "inner" / "page 3.png")
    (folder / "page 1.png").unlink()
    assert [one["id"] for one in desk.get("/api/project").json()["pages"]] == ["inner/page 3.png", "page 2.png"]
    assert desk.get("/api/pages/inner%2Fpage%203.png").status_code == 200
    assert desk.get("/api/pages/inner%2Fpage%203.png/image").status_code == 200
    assert desk.get(PAGE).status_code == 404


def test_the_last_versions_are_kept_and_brought_back(desk: TestClient) -> None:
    for number in range(24):
        saved(desk, line(0, f"text {number}", "corrected"))
    versions = desk.get(PAGE + "/versions").json()
    assert len(versions) == 20
    assert versions[0]["corrected"] == 1
    back = desk.post(f"{PAGE}/versions/{versions[2]['version']}").json()
    assert back["lines"][0]["text"] == "text 20"
    assert desk.get(PAGE).json() == back
    assert desk.post(f"{PAGE}/versions/{versions[0]['version']}").json()["lines"][0]["text"] == "text 22"
    assert desk.post(PAGE + "/versions/no").status_code == 404


def test_pictures_are_scaled_and_lines_are_cut(desk: TestClient) -> None:
    page = saved(desk, line(0, "Written by hand", "corrected"))
    small = Image.open(io.BytesIO(desk.get(PAGE + "/image?width=320").content))
    assert small.size == (320, 315)
    large = Image.open(io.BytesIO(desk.get(PAGE + "/image?width=99999").content))
    assert large.size == (640, 630)
    cut = Image.open(io.BytesIO(desk.get(f"{PAGE}/lines/{page['lines'][0]['id']}/image").content))
    assert cut.size == (450, 66)
    assert desk.get(PAGE + "/lines/nothing/image").status_code == 404


def test_a_turned_colour_photograph_is_shown_upright(folder: Path, serve: Serve) -> None:
    photograph = Image.new("RGB", (400, 300), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    photograph.save(folder / "photo.jpg", exif=exif)
    desk = serve(folder)
    page = desk.get("/api/pages/photo.jpg").json()
    shown = Image.open(io.BytesIO(desk.get("/api/pages/photo.jpg/image").content))
    assert (page["width"], page["height"]) == shown.size == (300, 400)
    red, green, _ = shown.convert("RGB").getpixel((150, 200))  # type: ignore[misc]
    assert red > 200 > 90 > green


def test_pages_of_a_tiff_are_pages(folder: Path, serve: Serve) -> None:
    sheets = [Image.new("L", (300, 200 + 10 * number), 255) for number in range(3)]
    sheets[0].save(folder / "book.tif", save_all=True, append_images=sheets[1:])
    desk = serve(folder)
    wait(desk)
    pages = {one["id"]: one for one in desk.get("/api/project").json()["pages"]}
    assert [pages[f"book.tif#{number}"]["height"] for number in (1, 2, 3)] == [200, 210, 220]
    page = "/api/pages/book.tif%232"
    saved(desk, line(0, "second", "corrected"), page=page)
    assert (folder / "book#2.xml").exists()
    assert 'imageFilename="book.tif"' in (folder / "book#2.xml").read_text("utf-8")
    shutil.rmtree(folder / ".htrkit")
    again = serve(folder)
    wait(again)
    assert again.get(page).json()["lines"][0]["text"] == "second"
    assert again.get("/api/pages/book.tif%231").json()["lines"] == []
    assert again.delete("/api/pages/book.tif%231").status_code == 200
    assert "book.tif#1" not in {one["id"] for one in again.get("/api/project").json()["pages"]}
    assert (folder / "book.tif").exists()


def test_a_deleted_page_is_in_the_hidden_folder(desk: TestClient, folder: Path) -> None:
    saved(desk, line(0, "x", "corrected"))
    assert desk.delete(PAGE).status_code == 200
    assert not (folder / "page 1.png").exists()
    assert sorted(path.name for path in (folder / ".htrkit" / "deleted").rglob("page*")) == ["page 1.png", "page 1.xml"]
    assert desk.get(PAGE).status_code == 404


def test_texts_are_searched(desk: TestClient) -> None:
    saved(desk, line(0, "Élan and elan", "corrected"), line(1, "nothing (here)", "corrected"))
    found = desk.get("/api/search", params={"q": "ÉLAN"}).json()
    assert [(one["page"], one["start"], one["end"]) for one in found] == [("page 1.png", 0, 4)]
    assert len(desk.get("/api/search", params={"q": "(here)"}).json()) == 1
    assert len(desk.get("/api/search", params={"q": "n"}).json()) == 5
    assert desk.get("/api/search", params={"q": " "}).json() == []


def test_settings_are_in_a_file_that_others_may_write(desk: TestClient, folder: Path) -> None:
    (folder / "htrkit.json").write_text('{"note": "mine", "decoder": "beam"}')
    assert desk.get("/api/project").json()["settings"]["decoder"] == "beam"
    answer = desk.put("/api/settings", json={"decoder": "beam:beam_width=5", "model": "open"})
    assert answer.json()["settings"]["decoder"] == "beam:beam_width=5"
    kept = json.loads((folder / "htrkit.json").read_text())
    assert kept == {"note": "mine", "decoder": "beam:beam_width=5", "model": "open"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"model": "nothing"},
        {"model": "/etc"},
        {"model": ".."},
        {"decoder": "nothing"},
        {"decoder": "beam:beam_width=many"},
        {"decoder": "word-beam:lexicon=/etc/passwd"},
        {"decoder": "word-beam:lexicon=../outside.txt"},
        {"segmenter": "lines:model=/etc"},
        {"decoder": 3},
    ],
)
def test_settings_that_cannot_be_or_that_leave_the_folder_are_refused(
    desk: TestClient, folder: Path, wanted: dict[str, object]
) -> None:
    (folder.parent / "outside.txt").write_text("secret\n")
    assert desk.put("/api/settings", json=wanted).status_code == 400
    assert not (folder / "htrkit.json").exists()


def test_a_lexicon_in_the_folder_may_be_used(desk: TestClient, folder: Path) -> None:
    (folder / "words.txt").write_text("written\nhand\n")
    assert desk.put("/api/settings", json={"decoder": "word-beam:lexicon=words.txt"}).status_code == 200


@pytest.mark.parametrize(
    "content", ["[", '{"x": "\\ud800"}', '{"model": "\\ud800"}', '{"x": ' + "[" * 900 + "]" * 900 + "}"]
)
def test_a_settings_file_that_makes_no_sense_is_said(desk: TestClient, folder: Path, content: str) -> None:
    (folder / "htrkit.json").write_text(content)
    answer = desk.get("/api/project")
    assert answer.status_code == 400
    assert "htrkit.json" in answer.json()["error"]


def test_what_is_installed_is_listed(desk: TestClient) -> None:
    found = desk.get("/api/components").json()
    decoders = {one["name"]: one for one in found["decoders"]}
    assert decoders["beam"]["spec"] == "beam:language_model=english-characters"
    assert decoders["beam"]["options"][0]["name"] == "beam_width"
    assert {"page-xml", "alto", "txt", "table", "zip"} <= {one["name"] for one in found["formats"]}
    assert "latin-script" in {one["name"] for one in found["models"]}


def test_a_page_whose_xml_is_damaged_says_so_and_stays_as_it_is(desk: TestClient, folder: Path) -> None:
    (folder / "page 1.xml").write_text('<PcGts imageFilename="page 1.png"><Page')
    pages = {one["id"]: one["failed"] for one in desk.get("/api/project").json()["pages"]}
    assert "not well-formed" in pages["page 1.png"]
    assert pages["page 2.png"] is None
    assert desk.put(PAGE, json={"version": "new", "lines": [], "regions": []}).status_code == 400
    assert (folder / "page 1.xml").read_text() == '<PcGts imageFilename="page 1.png"><Page'


def test_entities_and_other_traps_of_xml_are_refused(desk: TestClient, folder: Path) -> None:
    (folder / "page 1.xml").write_text(
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        '<PcGts imageFilename="page 1.png"><Page>&x;</Page></PcGts>'
    )
    answer = desk.get(PAGE)
    assert answer.status_code == 400
    assert "root:" not in answer.text


def test_a_page_in_a_folder_called_lines_has_a_picture(folder: Path, serve: Serve) -> None:
    draw(folder / "box" / "lines" / "page.png")
    desk = serve(folder)
    assert desk.get("/api/pages/box%2Flines%2Fpage.png/image").status_code == 200
    saved(desk, line(0, "x", "corrected", id="a"), page="/api/pages/box%2Flines%2Fpage.png")
    assert desk.get("/api/pages/box%2Flines%2Fpage.png/lines/a/image").headers["content-type"] == "image/png"


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
@pytest.mark.parametrize("name", [b"bad\xff.png", b"new\nline.png"])
def test_a_file_whose_name_is_no_text_is_told_and_the_others_are_there(folder: Path, serve: Serve, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    Image.new("L", (300, 200), 255).save(path)
    desk = serve(folder)
    pages = {page["id"]: page["failed"] for page in desk.get("/api/project").json()["pages"]}
    assert {id_ for id_, failed in pages.items() if failed is None} == {"page 1.png", "page 2.png"}
    assert [failed for failed in pages.values() if failed] == ["its name is no text: rename it"]
    assert desk.get("/api/export?format=zip").status_code == 200


def test_a_width_of_any_length_is_no_mistake(desk: TestClient) -> None:
    assert desk.get(PAGE + "/image?width=" + "9" * 5000).status_code == 200


def test_links_lead_nowhere_out_of_the_folder(folder: Path, serve: Serve, tmp_path: Path) -> None:
    desk = serve(folder)
    saved(desk, line(0, "secret", "corrected"))
    (folder / "page 1.xml").rename(tmp_path / "elsewhere.xml")
    (folder / "page 1.xml").symlink_to(tmp_path / "elsewhere.xml")
    answer = desk.get(PAGE)
    assert (answer.status_code, answer.json()["error"]) == (400, "page 1.png: page 1.xml is a link out of the folder")
    (tmp_path / "elsewhere.json").write_text("{}", "utf-8")
    (folder / "htrkit.json").symlink_to(tmp_path / "elsewhere.json")
    assert desk.put("/api/settings", json={"decoder": "best-path"}).status_code == 400
    assert (tmp_path / "elsewhere.json").read_text("utf-8") == "{}"


def test_a_hidden_folder_elsewhere_is_refused(folder: Path, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / ".htrkit").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        serve(folder)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    "name",
    [
        *("unpacked", "versions", "jobs", "deleted", "incoming", "models", "unpacked/a", "versions/a/b"),
        *("index.json", "lock", "address.txt", "unpacked/a/pages.json"),
    ],
)
def test_a_link_in_the_hidden_folder_is_refused(folder: Path, serve: Serve, tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere" / "thesis").mkdir(parents=True)
    precious = tmp_path / "elsewhere" / "thesis" / "a.txt"
    precious.write_text("precious")
    link = folder / ".htrkit" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(precious if link.suffix or name == "lock" else tmp_path / "elsewhere")
    with pytest.raises(InputError, match=f"{name} is a link"):
        serve(folder)
    assert precious.read_text() == "precious"


def test_a_deleted_page_may_have_been_a_link(folder: Path, serve: Serve) -> None:
    (folder / "other.png").symlink_to(folder / "page 1.png")
    assert serve(folder).delete("/api/pages/other.png").status_code == 200
    assert serve(folder).get("/api/project").json()["counts"]["pages"] == 2


def test_a_page_whose_xml_is_huge_is_refused_unread(desk: TestClient, folder: Path) -> None:
    with (folder / "page 1.xml").open("wb") as file:
        file.truncate(1 << 36)
    (folder / "page 1.xml").chmod(0)  # whoever reads it is refused in other words
    for answer in (desk.get(PAGE), desk.put(PAGE, json={"version": "new", "lines": [], "regions": []})):
        assert answer.status_code == 400
        assert "far larger than the description of a page" in answer.json()["error"]
    assert desk.get("/api/project").json()["pages"][1]["failed"] is None


def test_a_version_of_no_day_is_left_aside(desk: TestClient, folder: Path) -> None:
    for text in ("one", "two"):
        saved(desk, line(0, text, "corrected"))
    kept = folder / ".htrkit" / "versions" / "page 1.png"
    (kept / "99999999T999999999999-0123456789abcdef.xml").write_text("x")
    saved(desk, line(0, "three", "corrected"))
    assert len(desk.get(PAGE + "/versions").json()) == 2


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_project_whose_name_is_no_text_is_served(tmp_path: Path, serve: Serve) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller"))
    draw(folder / "page 1.png")
    desk = serve(folder)
    assert desk.get("/api/project").json()["name"] == "M\\xfcller"
    saved(desk, line(0, "known", "corrected"))
