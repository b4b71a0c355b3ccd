from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from htrkit.errors import InputError
from htrkit.readers.images import SUFFIXES, find_images, read_images


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


def on_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def test_a_folder_stands_for_the_images_in_it_and_below_sorted(scans: Path) -> None:
    everything = ["scans/a.JPG", "scans/b.png", "scans/box/c.webp", "scans/box-1/z.tif"]
    assert find_images(["scans"]) == everything
    assert find_images([Path("scans/")]) == everything
    assert find_images([str(scans / "scans")]) == [str(scans / name) for name in everything]


def test_a_file_stands_for_itself_whatever_it_is_called_and_whether_it_is_there(scans: Path) -> None:
    named = ["scans/notes.txt", "scans/none.png", "scans/.hidden.png", "scans/b.png", "scans/b.png"]
    assert find_images(named) == named


def test_a_pattern_stands_for_what_fits_it(scans: Path) -> None:
    assert find_images(["scans/*.png"]) == ["scans/b.png"]
    assert find_images(["scans/**/*.[wt]*"]) == [
        "scans/a.gt.txt",
        "scans/box-1/z.tif",
        "scans/box/c.webp",
        "scans/notes.txt",
    ]
    assert find_images([f"{scans}/scans/box*"]) == [f"{scans}/scans/box/c.webp", f"{scans}/scans/box-1/z.tif"]


def test_a_file_with_a_patterns_characters_in_its_name_is_that_file(scans: Path) -> None:
    Path("scans/[b].png").touch()
    assert find_images(["scans/[b].png"]) == ["scans/[b].png"]


def test_what_stands_for_nothing_is_kept_so_that_reading_it_says_why(scans: Path) -> None:
    Path("empty").mkdir()
    found = find_images(["scans/*.xyz", "empty", ""])
    assert found == ["scans/*.xyz", "empty", ""]
    for path, why in zip(found, ["no such file", "a folder in which no image", "^'': a folder"], strict=True):
        with pytest.raises(InputError, match=why):
            read_images(path)


def test_a_dash_stands_for_the_list_on_standard_input(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"scans/b.png\r\n\nscans/box\nno such.png\n-")
    assert find_images(["x.png", "-", "y.png"]) == [
        "x.png",
        "scans/b.png",
        "scans/box/c.webp",
        "no such.png",
        "-",
        "y.png",
    ]


def test_a_list_separated_by_null_characters_may_hold_any_name(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"two\nlines.png\0\xff.png\0")
    assert find_images(["-"]) == ["two\nlines.png", os.fsdecode(b"\xff.png")]


def test_nothing_stands_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"\n")
    assert find_images(["-"]) == find_images([]) == []


def test_every_suffix_is_in_lower_case() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)
