"""PAGE and ALTO through the real command: pages in, pages out, and on again where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from htrkit.cli import app as cli
from htrkit.types import Pixels
from tests import tiny_model
from tests.drawing import save
from tests.pages.xml.drawn import line_xml, page_xml, region_xml, schema, valid
from tests.strangers import Run, htrkit

COMPONENTS = """
import os
import signal
from dataclasses import replace

from htrkit import Component, hookimpl
from htrkit.types import Place


@hookimpl
def htrkit_segmenters():
    return [Component("halves", "two lines, one above the other", "acme_htr:Halves")]


@hookimpl
def htrkit_writers():
    return [Component("interrupted", "somebody presses Ctrl-C on the second page", "acme_htr:Interrupted")]


class Halves:
    def segment(self, page):
        height, width = page.pixels.shape
        half = height // 2
        boxes = [((0, top), (width, top), (width, top + half), (0, top + half)) for top in (0, half)]
        return replace(page, regions=(), lines=tuple((Place(page.id, i, box), None) for i, box in enumerate(boxes)))


class Interrupted:
    suffix = ".txt"

    def __init__(self, run):
        pass

    def __call__(self, results, page):
        yield "some of it\\n"
        if "2" in page.id:
            os.kill(os.getpid(), signal.SIGINT)
        yield "the rest\\n"
"""


def bars(*texts: str) -> Pixels:
    return np.vstack([tiny_model.draw(text) for text in texts])


def described(folder: Path, name: str, *texts: str, **attributes: object) -> Path:
    """A page of bars, and a PAGE file that says where each line stands, 32 rows high, in the same order."""
    save(folder / f"{name}.png", bars(*texts))
    lines = [
        line_xml(
            f"was {text}", id_=f"l{row}", points=f"0,{32 * row} 128,{32 * row} 128,{32 * row + 32} 0,{32 * row + 32}"
        )
        for row, text in enumerate(texts)
    ]
    size = {"imageFilename": f"{name}.png", "imageWidth": 128, "imageHeight": 32 * len(texts)}
    path = folder / f"{name}.xml"
    path.write_text(page_xml(region_xml(*lines), **(size | attributes)))
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model of bars, two described pages and an image without a description."""
    tiny_model.write(tmp_path / "model")
    (tmp_path / "scans").mkdir()
    described(tmp_path / "scans", "p1", "ab", "bb")
    described(tmp_path / "scans", "p2", "a", "ba", "aab")
    save(tmp_path / "scans" / "p3.png", tiny_model.draw("b"))
    return tmp_path


@pytest.fixture
def here(
    desk: Path, stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Reads in this process, with the stranger's package installed."""
    stranger("acme-htr", COMPONENTS)
    monkeypatch.chdir(desk)

    def run(*arguments: str) -> Run:
        code = cli.run(["recognize", "--model", "model", *arguments])
        return Run(code, *capsys.readouterr())

    return run


TO_FILES = ("--format", "page-xml", "--output", "out")


def texts(path: Path) -> list[str]:
    """The texts of the lines of a PAGE file."""
    root: Any = etree.fromstring(path.read_bytes())
    return [line.findtext("{*}TextEquiv/{*}Unicode") for line in root.iter("{*}TextLine")]


def test_pages_are_read_and_written_in_a_process_of_its_own(desk: Path, shared_data: Path) -> None:
    run = htrkit("recognize", "scans", "--model", "model", *TO_FILES, cwd=desk)
    assert (run.code, run.out, run.err) == (0, "", "6 read, 0 failed\n")
    files = sorted((desk / "out").iterdir())
    assert [file.name for file in files] == ["p1.xml", "p2.xml", "p3.xml"]
    assert [texts(file) for file in files] == [["ab", "bb"], ["a", "ba", "aab"], ["b"]]
    for file in files:
        assert valid(file.read_text("utf-8"), schema(shared_data, "page-2019-07-15"))
        assert "<Comments>model bars; decoder best-path</Comments>" in file.read_text("utf-8")
    assert 'imageFilename="p1.png"' in files[0].read_text("utf-8")
    assert '<Word id="l0.w1">' in files[0].read_text("utf-8")


def test_a_file_stands_for_its_page(here: Callable[..., Run]) -> None:
    assert here("scans/p2.xml").out == "a\nba\naab\n"
    assert here("scans").out.splitlines() == [
        "scans/p1.xml\tab",
        "scans/p1.xml\tbb",
        "scans/p2.xml\ta",
        "scans/p2.xml\tba",
        "scans/p2.xml\taab",
        "scans/p3.png\tb",
    ]


def test_a_segmenter_that_is_asked_for_cuts_the_page_anew(here: Callable[..., Run], desk: Path) -> None:
    described(desk, "twice", "ab", "ab", "bb", "bb")
    assert len(here("twice.xml").out.splitlines()) == 4
    assert len(here("twice.xml", "--segmenter", "halves").out.splitlines()) == 2
    assert "segmenter halves" in here("twice.xml", "--segmenter", "halves", "--format", "page-xml").out
    assert "segmenter" not in here("twice.xml", "--format", "page-xml").out


def test_lines_are_looked_for_where_a_file_describes_none(here: Callable[..., Run], desk: Path) -> None:
    (desk / "scans" / "p3.xml").write_text(page_xml(region_xml(), imageFilename="p3.png"))
    assert here("scans/p3.xml").out == "b\n"


def test_versions_are_options_of_the_format(here: Callable[..., Run]) -> None:
    assert "2013-07-15/pagecontent.xsd" in here("scans/p1.xml", "--format", "page-xml:version=2013-07-15").out
    run = here("scans/p1.xml", "--format", "page-xml:version=2011")
    assert run.code == 2
    assert "2013-07-15|2019-07-15" in run.err


def test_what_is_wrong_with_a_file_costs_it_alone(here: Callable[..., Run], desk: Path) -> None:
    (desk / "scans" / "p1.xml").write_text(page_xml("<oops>"))
    (desk / "scans" / "p2.png").unlink()
    run = here("scans")
    assert (run.code, run.out) == (1, "scans/p3.png\tb\n")
    first, second, counted = run.err.splitlines()
    assert first.startswith("skipped scans/p1.xml: not well-formed XML (Opening and ending tag mismatch: oops")
    assert second == "skipped scans/p2.xml: its image p2.png is not beside it"
    assert counted == "1 read, 2 failed"
    for text in ("<document/>", '<?xml version="1.0"?><document/>'):
        (desk / "other.xml").write_text(text)
        assert "other.xml: XML or HTML; of these, PAGE and ALTO are read" in here("other.xml").err


def test_it_goes_on_where_it_was(here: Callable[..., Run], desk: Path) -> None:
    (desk / "scans" / "p2.png").rename(desk / "p2.png")
    assert here("scans", *TO_FILES).code == 1
    assert sorted(path.name for path in (desk / "out").iterdir()) == ["p1.xml", "p3.xml"]
    assert "out/p1.xml is there already" in here("scans", *TO_FILES).err
    # what has its file is not read at all
    (desk / "scans" / "p3.png").write_bytes(b"damaged meanwhile")
    (desk / "p2.png").rename(desk / "scans" / "p2.png")
    run = here("scans", *TO_FILES, "--skip-existing")
    assert (run.code, run.err) == (0, "2 left out: their files are there\n")
    assert texts(desk / "out" / "p2.xml") == ["a", "ba", "aab"]
    run = here("scans", *TO_FILES, "--skip-existing")
    assert (run.code, run.err) == (0, "3 left out: their files are there\n")


def test_of_a_file_with_several_pages_the_missing_ones_are_read(here: Callable[..., Run], desk: Path) -> None:
    first, *others = (Image.fromarray(tiny_model.draw(text)) for text in ("a", "ab", "b"))
    first.save(desk / "scan.tif", save_all=True, append_images=others)
    assert here("scan.tif", *TO_FILES).code == 0
    (desk / "out" / "scan#2.xml").unlink()
    run = here("scan.tif", *TO_FILES, "--skip-existing")
    assert (run.code, run.err) == (0, "1 read, 0 failed\n2 left out: their files are there\n")
    assert texts(desk / "out" / "scan#2.xml") == ["ab"]


def test_skipping_needs_a_folder(here: Callable[..., Run]) -> None:
    for more in ((), ("--output", "read.txt"), ("--format", "page-xml")):
        run = here("scans/p1.xml", "--skip-existing", *more)
        assert run.code == 2
        assert "--skip-existing has no effect without a folder of pages' files" in run.err


@pytest.mark.parametrize("name", ["txt", "jsonl"])
def test_every_format_writes_a_file_a_page_into_a_folder_that_is_there(
    here: Callable[..., Run], desk: Path, name: str
) -> None:
    (desk / "out").mkdir()
    assert here("scans", "--format", name, "--output", "out").code == 0
    assert sorted(path.name for path in (desk / "out").iterdir()) == [f"p{number}.{name}" for number in (1, 2, 3)]
    text = (desk / "out" / f"p2.{name}").read_text()
    if name == "txt":
        assert text == "a\nba\naab\n"
    else:
        assert [json.loads(line)["words"][0]["text"] for line in text.splitlines()] == ["a", "ba", "aab"]


def test_results_in_a_folder_of_scans_are_no_scans(here: Callable[..., Run], desk: Path) -> None:
    within = ("--format", "page-xml", "--output", "scans/out")
    assert here("scans", *within).code == 0
    run = here("scans", *within, "--skip-existing")
    assert (run.code, run.err) == (0, "3 left out: their files are there\n")
    save(desk / "scans" / "out" / "p1.png", bars("ab", "bb"))
    assert here("scans/out/p1.xml", *within, "--force").code == 0


def test_an_interrupt_leaves_whole_files_alone(here: Callable[..., Run], desk: Path) -> None:
    run = here("scans", "--format", "interrupted", "--output", "out")
    assert run.code == 130
    assert [(path.name, path.read_text()) for path in (desk / "out").iterdir()] == [
        ("p1.txt", "some of it\nthe rest\n")
    ]


def test_measuring_on_pages(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scans = desk / "scans"
    for file in scans.glob("*.xml"):
        file.write_text(file.read_text().replace("was ", ""))
    common = [str(scans), "--model", str(desk / "model"), "--json"]
    assert cli.run(["evaluate", *common]) == 0
    found = capsys.readouterr()
    measured = json.loads(found.out)
    assert (measured["n"], measured["cer"]["value"], measured["intervals"]["by"]) == (5, 0, "page")
    assert "5 read, 0 skipped" in found.err
