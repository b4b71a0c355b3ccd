from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from htrkit.errors import InputError
from htrkit.pages.images import SUFFIXES, Images, read_images
from htrkit.pages.sources import files_in, find_files


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, made the current one, with images (empty files here) at several depths, and other files."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.png",
        "a.JPG",
        "a.gt.txt",
        "notes.txt",
        ".hidden.png",
        "box-1/z.tif",
        "box/c.webp",
        ".thumbs/x.png",
    ):
        Path("scans", name).parent.mkdir(parents=True, exist_ok=True)
        Path("scans", name).touch()
    return tmp_path


def found(paths: Sequence[str | Path]) -> list[str]:
    return find_files(paths, Images().accepts)


def on_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def test_a_folder_stands_for_the_images_in_it_and_below_sorted(scans: Path) -> None:
    everything = ["scans/a.JPG", "scans/b.png", "scans/box/c.webp", "scans/box-1/z.tif"]
    assert found(["scans"]) == everything
    assert found([Path("scans/")]) == everything
    assert found([str(scans / "scans")]) == [str(scans / name) for name in everything]


def test_a_file_stands_for_itself_whatever_it_is_called_and_whether_it_is_there(scans: Path) -> None:
    named = ["scans/notes.txt", "scans/none.png", "scans/.hidden.png", "scans/b.png", "scans/b.png"]
    assert found(named) == named


def test_a_pattern_stands_for_what_fits_it(scans: Path) -> None:
    assert found(["scans/*.png"]) == ["scans/b.png"]
    assert found(["scans/**/*.[wt]*"]) == [
        "scans/a.gt.txt",
        "scans/box/c.webp",
        "scans/box-1/z.tif",
        "scans/notes.txt",
    ]
    assert found([f"{scans}/scans/box*"]) == [f"{scans}/scans/box/c.webp", f"{scans}/scans/box-1/z.tif"]


def test_a_pattern_of_more_folders_than_there_can_be_is_a_path(tmp_path: Path) -> None:
    pattern = str(tmp_path) + "/*a" * 2000
    assert find_files([pattern], lambda path: True) == [pattern]


def test_a_file_with_a_patterns_characters_in_its_name_is_that_file(scans: Path) -> None:
    Path("scans/[b].png").touch()
    assert found(["scans/[b].png"]) == ["scans/[b].png"]


def test_what_stands_for_nothing_is_kept_so_that_reading_it_says_why(scans: Path) -> None:
    Path("empty").mkdir()
    kept = found(["scans/*.xyz", "empty", ""])
    assert kept == ["scans/*.xyz", "empty", ""]
    for path, why in zip(kept, ["no such file", "a folder in which no image", "^'': a folder"], strict=True):
        with pytest.raises(InputError, match=why):
            read_images(path)


def test_a_dash_stands_for_the_list_on_standard_input(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"scans/b.png\r\n\nscans/box\nno such.png\n-")
    assert found(["x.png", "-", "y.png"]) == [
        "x.png",
        "scans/b.png",
        "scans/box/c.webp",
        "no such.png",
        "-",
        "y.png",
    ]


def test_a_list_separated_by_null_characters_may_hold_any_name(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"two\nlines.png\0\xff.png\0")
    assert found(["-"]) == ["two\nlines.png", os.fsdecode(b"\xff.png")]


def test_nothing_stands_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"\n")
    assert found(["-"]) == found([]) == []


def test_every_suffix_is_in_lower_case() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)


def test_files_come_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    for name in ("page10.png", "page2.png", "page1.png", "box 10/1.png", "box 9/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    ordered = ["box 9/1.png", "box 10/1.png", "page1.png", "page2.png", "page10.png"]
    assert found([tmp_path]) == [f"{tmp_path}/{name}" for name in ordered]
    assert found([f"{tmp_path}/page*"]) == [f"{tmp_path}/{name}" for name in ordered[2:]]


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders there")
def test_pipes_and_devices_in_a_folder_are_left_out_and_links_that_lead_nowhere_are_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "dangling.png").symlink_to("nowhere")
    (tmp_path / "scan.png").touch()
    (tmp_path / "link.png").symlink_to("scan.png")
    names = ["dangling.png", "link.png", "scan.png"]
    assert found([tmp_path]) == files_in(tmp_path, lambda path: True) == [f"{tmp_path}/{name}" for name in names]
    assert found([tmp_path / "pipe.png"]) == [f"{tmp_path}/pipe.png"]


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "a\0b.png", "a\0b/*.png", "[" * 300, "\ud800.png", "*" * 200])
def test_a_path_that_no_system_allows_stands_for_itself(tmp_path: Path, name: str) -> None:
    path = f"{tmp_path}/{name}"
    assert found([path, path]) == [path, path]


def test_a_list_of_another_encoding_is_refused_before_its_letters_are_taken_for_folders(
    scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_stdin(monkeypatch, "scans/b.png\n".encode("utf-16"))
    with pytest.raises(InputError, match="UTF-16"):
        found(["-"])
    on_stdin(monkeypatch, "scans/b.png\n".encode("utf-8-sig"))
    assert found(["-"]) == ["scans/b.png"]


def test_a_pattern_means_no_pipe_which_might_never_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "a.png").touch()
    assert find_files([f"{tmp_path}/*.png"], lambda path: True) == [f"{tmp_path}/a.png"]


def test_links_to_folders_are_followed_and_never_round(scans: Path) -> None:
    elsewhere = scans / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.png").touch()
    (elsewhere / "back").symlink_to(scans / "scans")
    Path("scans", "linked").symlink_to(elsewhere)
    Path("scans", "above").symlink_to(scans)
    Path("scans", "itself").symlink_to(scans / "scans")
    everything = ["scans/a.JPG", "scans/b.png", "scans/box/c.webp", "scans/box-1/z.tif"]
    assert found(["scans"]) == [*everything, "scans/linked/c.png"]


def test_a_folder_that_cannot_be_opened_stands_for_itself(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "box":
            raise PermissionError(13, "Permission denied", path)
        return opened(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert found(["scans"]) == ["scans/a.JPG", "scans/b.png", "scans/box", "scans/box-1/z.tif"]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xd8\xff\xe0", b"%PDF-1.7\n"])
def test_an_image_on_standard_input_is_no_list(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    on_stdin(monkeypatch, content)
    with pytest.raises(InputError, match="standard input holds an image"):
        found(["-"])
