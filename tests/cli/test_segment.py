"""``htrkit segment`` through the real command: one file a page, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from htrkit.cli import app as cli
from tests.drawing import save
from tests.pages.sheets import letter
from tests.strangers import Run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Runs the command in a folder with two letters and a blank page."""
    save(tmp_path / "box" / "a.png", letter(12).pixels)
    save(tmp_path / "box" / "b.png", letter(9).pixels)
    save(tmp_path / "blank.png", np.full((900, 700), 250, np.uint8))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Run:
        code = cli.run(["segment", *arguments])
        return Run(code, *capsys.readouterr())

    return run


def lines_in(path: Path) -> int:
    return len(etree.parse(path).findall(".//{*}TextLine"))


def test_each_page_has_its_file_and_those_that_fail_are_named(here: Callable[..., Run]) -> None:
    Path("box/c.png").write_bytes(b"no picture")
    run = here("box", "blank.png", "-v", "--output", "out")
    assert run.code == 1
    assert run.out == ""
    assert run.err.splitlines() == [
        "box/a.png: a page of 12 lines, found by lines",
        "box/b.png: a page of 9 lines, found by lines",
        "skipped box/c.png: not an image that htrkit reads (PNG, JPEG, TIFF, WebP, JPEG 2000, BMP, GIF, PNM)",
        "blank.png: no line of writing is found",
        "3 segmented, 1 failed",
    ]
    assert {str(path.relative_to("out")) for path in Path("out").rglob("*.*")} == {
        "box/a.xml",
        "box/b.xml",
        "blank.xml",
    }
    assert [lines_in(Path("out/box") / name) for name in ("a.xml", "b.xml")] == [12, 9]


@pytest.mark.parametrize("format", ["page-xml", "alto", "hocr", "overlay"])
def test_every_format_of_pages_can_be_written(here: Callable[..., Run], format: str) -> None:
    run = here("box/a.png", "--format", format, "--output", "out")
    assert (run.code, run.out, run.err) == (0, "", "")
    (file,) = Path("out").iterdir()
    if format == "overlay":
        assert Image.open(file).size == (900, 1200)
    else:
        assert file.read_text().count("<") > 12


def test_lines_that_a_file_states_are_kept_unless_a_segmenter_is_named(here: Callable[..., Run]) -> None:
    assert here("box/a.png", "--output", "box").code == 0
    stated = Path("box/a.xml").read_text().replace("12,", "13,")
    Path("box/a.xml").write_text(stated)
    run = here("box/a.xml", "-v", "--output", "kept")
    assert run.err == "box/a.xml: a page of 12 lines, as its file says\n"
    run = here("box/a.xml", "-v", "--output", "cut", "--segmenter", "ridges")
    assert run.err == "box/a.xml: a page of 12 lines, found by ridges\n"


def test_files_that_are_there_are_written_over_or_skipped_if_wanted(here: Callable[..., Run]) -> None:
    assert here("box", "--output", "out").code == 0
    Path("out/b.xml").unlink()
    Path("out/a.xml").write_text("corrected by hand")
    run = here("box", "--output", "out")
    assert (run.code, run.err) == (2, "error: out/a.xml is there already: --force writes over it\n")
    run = here("box", "--output", "out", "--skip-existing")
    assert (run.code, run.err) == (0, "1 left out: its file is there\n")
    assert Path("out/a.xml").read_text() == "corrected by hand"
    assert here("box", "--output", "out", "--force").code == 0
    assert lines_in(Path("out/a.xml")) == 12


def test_what_cannot_be_done_is_said(here: Callable[..., Run]) -> None:
    assert here("box/a.png", "--format", "txt").err.startswith("error: txt has no place for lines")
    assert here("box", "--format", "page-xml").code == 2
    assert here("box/a.png", "--segmenter", "lost").err.startswith("error: no segmenter named 'lost'")
    assert here("nothing.png").err == "error: nothing.png: no such file\n"
