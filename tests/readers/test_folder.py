from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit.errors import InputError
from htrkit.readers import open_samples
from htrkit.readers.folder import Folder
from tests.drawing import save, writing


def pair(folder: Path, name: str, text: str | bytes) -> Path:
    image = save(folder / name, writing("x"))
    image.with_name(image.stem + ".gt.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return image


def test_images_are_read_with_the_text_beside_them_sorted_also_below(tmp_path: Path) -> None:
    pair(tmp_path, "b.png", "second\n")
    pair(tmp_path, "a.tif", "\ufefffirst\r\n")
    pair(tmp_path, "c/d.e.webp", "third")
    samples = open_samples([tmp_path])
    assert [(s.line.id, s.text, s.groups) for s in samples] == [
        (f"{tmp_path}/a.tif", "first", {}),
        (f"{tmp_path}/b.png", "second", {}),
        (f"{tmp_path}/c/d.e.webp", "third", {}),
    ]
    assert str(samples.report) == "3 read, 0 skipped"
    np.testing.assert_array_equal(next(iter(samples)).line.pixels, writing("x"))


def test_everything_that_must_be_skipped_is_skipped_with_its_reason(tmp_path: Path) -> None:
    pair(tmp_path, "good.png", "good")
    save(tmp_path / "lonely.png", writing("x"))
    (tmp_path / "none.gt.txt").write_text("no image")
    pair(tmp_path, "bad.png", "a").write_bytes(b"")
    pair(tmp_path, "empty.png", " \n")
    pair(tmp_path, "latin.png", b"f\xfcr")
    pair(tmp_path, "poem.png", "two\nlines")
    pages = Image.fromarray(writing("x"))
    pages.save(pair(tmp_path, "pages.tif", "a"), save_all=True, append_images=[pages])
    (tmp_path / "notes.txt").write_text("not an entry")
    samples = open_samples([tmp_path])
    assert [s.text for s in samples] == ["good"]
    assert {(kind.reason, kind.count, kind.first.removeprefix(f"{tmp_path}/")) for kind in samples.report.skipped} == {
        ("image without a .gt.txt file beside it", 1, "lonely.png"),
        ("text without an image beside it", 1, "none.gt.txt"),
        ("unreadable image", 1, "bad.png: the file is empty"),
        ("empty text", 1, "empty.png"),
        ("unreadable text", 1, "latin.gt.txt: not UTF-8 (line 1, byte 2); save it as UTF-8"),
        ("text of several lines", 1, "poem.png"),
        ("image with several pages", 1, "pages.tif"),
    }


def test_images_with_the_marks_of_ocropus_are_read(tmp_path: Path) -> None:
    for name in ("1.bin.png", "2.nrm.png", "3.dew.png"):
        save(tmp_path / name, writing("x"))
        (tmp_path / f"{name[0]}.gt.txt").write_text(name[0])
    pair(tmp_path, "4.bin.png", "exact")  # kept beside a text of its full name
    (tmp_path / "4.gt.txt").write_text("another")
    samples = open_samples([tmp_path])
    assert [s.text for s in samples] == ["1", "2", "3", "exact"]
    assert [(kind.reason, kind.first) for kind in samples.report.skipped] == [
        ("text without an image beside it", f"{tmp_path}/4.gt.txt")
    ]


def test_of_several_images_of_one_text_one_is_read(tmp_path: Path) -> None:
    pair(tmp_path, "a.png", "a")
    pair(tmp_path, "b.nrm.png", "b").with_name("b.nrm.gt.txt").rename(tmp_path / "b.gt.txt")
    for name in ("a.jpg", "a.bin.png", "b.bin.png"):
        save(tmp_path / name, writing("x"))
    samples = open_samples([tmp_path])
    assert [Path(s.line.id).name for s in samples] == ["a.jpg", "b.nrm.png"]
    assert str(samples.report).startswith("2 read, 3 skipped: another image of the same text (3, first: ")


def test_lines_come_as_people_count_them(tmp_path: Path) -> None:
    for name in ("line 10.png", "line 9.png", "page 2/1.png", "page 10/1.png", "line 09.png"):
        pair(tmp_path, name, name)
    found = [s.text for s in open_samples([tmp_path])]
    assert found == ["line 09.png", "line 9.png", "line 10.png", "page 2/1.png", "page 10/1.png"]


def test_a_name_so_long_that_it_can_have_no_text_costs_itself(tmp_path: Path) -> None:
    pair(tmp_path, "a.png", "a")
    save(tmp_path / ("n" * 251 + ".png"), writing("x"))
    samples = open_samples([tmp_path])
    assert [s.text for s in samples] == ["a"]
    assert "image without a .gt.txt file" in str(samples.report)


def test_it_accepts_folders_with_texts_in_them_or_below(tmp_path: Path) -> None:
    save(tmp_path / "images/a.png", writing("x"))
    assert not Folder().accepts(tmp_path)
    image = pair(tmp_path, "box/1/a.png", "a")
    assert Folder().accepts(tmp_path)
    assert not Folder().accepts(image)
    assert not Folder().accepts(tmp_path / "none")


def test_a_file_is_refused(tmp_path: Path) -> None:
    image = pair(tmp_path, "a.png", "a")
    with pytest.raises(InputError, match=r"a\.png: not a folder"):
        list(open_samples([image], reader="folder"))
