"""Pages through the real command: segmenters, sources and writers of strangers, one file a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit.cli import app as cli
from tests import tiny_model
from tests.drawing import save
from tests.strangers import Run, htrkit, install

SOURCE = '''
from dataclasses import replace

from htrkit import Component, hookimpl
from htrkit.types import Page, Place


@hookimpl
def htrkit_segmenters():
    return [Component("bands", "lines of 32 rows", "acme_htr:Bands")]


@hookimpl
def htrkit_sources():
    return [Component("list", "pages listed in a text file", "acme_htr:List")]


@hookimpl
def htrkit_writers():
    return [
        Component("array", "a JSON array", "acme_htr:array"),
        Component("pages", "a file a page", "acme_htr:Pages"),
        Component("hostile", "fails on bb", "acme_htr:hostile"),
    ]


class Bands:
    """Finds a line in each 32 rows, but for white ones.

    Parameters
    ----------
    broken
        The number of the line whose polygon is broken, from 1.
    """

    def __init__(self, *, broken: int = 0):
        self.broken = broken

    def segment(self, page):
        height, width = page.pixels.shape
        tops = [top for top in range(0, height, 32) if page.pixels[top : top + 32].min() < 255]
        if self.broken and page.pixels.min() == 150:
            raise ValueError("no black ink")
        boxes = [((0, top), (width, top), (width, top + 32), (0, top + 32)) for top in tops]
        if self.broken:
            boxes[self.broken - 1] = boxes[self.broken - 1][:2]
        return replace(page, lines=tuple((Place(page.id, i, box), None) for i, box in enumerate(boxes)))


class List:
    def accepts(self, path):
        return path.suffix == ".list"

    def pages(self, path):
        from htrkit.pages.images import read_images

        for number, name in enumerate(path.read_text().split(), start=1):
            yield Page(f"{path}:{name}", path, number, read_images(path.parent / name)[0].pixels)


def array(run):
    def write(results):
        import json

        yield "["
        for number, result in enumerate(results):
            yield ("," if number else "") + "\\n" + json.dumps([result.id, result.text])
        yield "\\n]\\n"

    return write


class Pages:
    suffix = ".txt"

    def __init__(self, run):
        self.run = run

    def __call__(self, results, page):
        height, width = page.pixels.shape
        yield f"{page.id} {width} x {height}, {len(page.lines)} lines by {self.run.model}\\n"
        for result in results:
            if result.text == "b":
                raise ValueError("no b")
            yield f"{result.place.order if result.place else '-'} {result.text}\\n"


def hostile(run):
    def write(results):
        for result in results:
            yield 5 if result.text == "bb" else result.text + "\\n"

    return write
'''


def page(*texts: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.vstack([tiny_model.draw(text) for text in texts])


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model of bars, two pages of bars in two folders, and an empty page."""
    tiny_model.write(tmp_path / "model")
    save(tmp_path / "scans" / "box 1" / "p1.png", page("ab", "", "bb"))
    save(tmp_path / "scans" / "box 2" / "p2.png", page("a", "ba", "aab"))
    return tmp_path


@pytest.fixture
def here(
    desk: Path, stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Reads in this process, with the stranger's package installed."""
    stranger("acme-htr", SOURCE)
    monkeypatch.chdir(desk)

    def run(*arguments: str) -> Run:
        code = cli.run(["recognize", "--model", "model", *arguments])
        return Run(code, *capsys.readouterr())

    return run


def contents(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(files)}


FIRST = "scans/box 1/p1.png 128 x 96, 2 lines by bars\n0 ab\n1 bb\n"
SECOND = "scans/box 2/p2.png 128 x 96, 3 lines by bars\n0 a\n1 ba\n2 aab\n"


def test_a_strangers_components_of_every_kind_in_a_process_of_their_own(
    desk: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = install(tmp_path_factory.mktemp("site"), "acme-htr", source=SOURCE)
    common = ("recognize", "scans", "--model", "model", "--segmenter", "bands")
    run = htrkit(*common, "--format", "array", cwd=desk, path=site)
    assert (run.code, run.err) == (0, "5 read, 0 failed\n")
    assert json.loads(run.out) == [
        ["scans/box 1/p1.png:1", "ab"],
        ["scans/box 1/p1.png:2", "bb"],
        ["scans/box 2/p2.png:1", "a"],
        ["scans/box 2/p2.png:2", "ba"],
        ["scans/box 2/p2.png:3", "aab"],
    ]
    run = htrkit(*common, "--format", "pages", "--output", "out", cwd=desk, path=site)
    assert (run.code, run.out, run.err) == (0, "", "5 read, 0 failed\n")
    assert contents(desk / "out") == {"box 1/p1.txt": FIRST, "box 2/p2.txt": SECOND}


def test_the_lines_of_a_page_come_in_reading_order(here: Callable[..., Run]) -> None:
    assert here("scans/box 2/p2.png", "--segmenter", "bands").out == "a\nba\naab\n"
    several = here("scans", "--segmenter", "bands")
    assert several.out.splitlines() == [
        "scans/box 1/p1.png\tab",
        "scans/box 1/p1.png\tbb",
        "scans/box 2/p2.png\ta",
        "scans/box 2/p2.png\tba",
        "scans/box 2/p2.png\taab",
    ]
    run = here("scans/box 2/p2.png", "--segmenter", "bands", "--format", "jsonl")
    last = [json.loads(line) for line in run.out.splitlines()][-1]
    assert (last["image"], last["line"], last["text"]) == ("scans/box 2/p2.png", 3, "aab")
    assert last["polygon"] == [[0, 64], [128, 64], [128, 96], [0, 96]]


def test_a_line_or_page_that_fails_costs_itself_alone(here: Callable[..., Run], desk: Path) -> None:
    save(desk / "scans" / "box 3" / "p3.png", page("b", "b"))
    run = here("scans", "--segmenter", "bands:broken=2")
    assert run.code == 1
    assert run.out.splitlines() == ["scans/box 1/p1.png\tab", "scans/box 2/p2.png\ta", "scans/box 2/p2.png\taab"]
    assert run.err.splitlines() == [
        "skipped scans/box 1/p1.png:2: its polygon has fewer than three points",
        "skipped scans/box 2/p2.png:2: its polygon has fewer than three points",
        "skipped scans/box 3/p3.png: segmenter 'bands' raised ValueError: no black ink",
        "3 read, 3 failed",
    ]
    assert here("scans/box 3/p3.png", "--segmenter", "bands:broken=2").err.startswith("error: scans/box 3/p3.png: ")


def test_a_page_without_lines_is_said(here: Callable[..., Run], desk: Path) -> None:
    save(desk / "empty.png", np.full((64, 128), 255, np.uint8))
    run = here("empty.png", "--segmenter", "bands")
    assert (run.code, run.out, run.err) == (0, "", "empty.png: no line of writing is found\n")


def test_pages_of_a_strangers_source(here: Callable[..., Run], desk: Path) -> None:
    for text in ("a", "ab"):
        save(desk / f"{text}.png", tiny_model.draw(text))
    (desk / "all.list").write_text("a.png ab.png nothing.png")
    run = here("all.list")
    assert (run.code, run.out) == (1, "all.list:a.png\ta\nall.list:ab.png\tab\n")
    assert run.err == "skipped all.list: nothing.png: no such file\n2 read, 1 failed\n"
    (desk / "all.list").rename(desk / "all.png")
    assert here("all.png").err.startswith("error: all.png: not an image that htrkit reads")
    assert here("all.png", "--source", "list").out == "all.png:a.png\ta\nall.png:ab.png\tab\n"
    assert here("all.png", "--source", "lost").err.startswith("error: no source named 'lost'; did you mean 'list'?")
    assert here("all.png", "--segmenter", "band").err.startswith("error: no segmenter named 'band'; did you mean 'ban")


def test_a_format_of_pages_needs_a_folder_unless_there_is_one_page(here: Callable[..., Run], desk: Path) -> None:
    one = ("scans/box 1/p1.png", "--segmenter", "bands", "--format", "pages")
    assert here(*one).out == FIRST
    assert here(*one, "--output", "-").out == here(*one, "--output", "/dev/stdout").out == FIRST
    file = (*one, "--output", "model/model.json", "--force")
    for arguments in [("scans", "--format", "pages"), file, (*one, "--output", "p1.txt")]:
        run = here(*arguments)
        assert (run.code, run.out) == (2, "")
        assert "error: pages writes a file for each page: name a folder for them with --output" in run.err


def test_pages_files_are_not_written_over_without_force(here: Callable[..., Run], desk: Path) -> None:
    arguments = ("scans", "--segmenter", "bands", "--format", "pages", "--output", "out")
    (desk / "out" / "box 2").mkdir(parents=True)
    (desk / "out" / "box 2" / "p2.txt").write_text("corrected by hand")
    run = here(*arguments)
    assert (run.code, run.out) == (2, "")
    assert "error: out/box 2/p2.txt is there already: --force writes over it\n" in run.err
    assert contents(desk / "out") == {"box 2/p2.txt": "corrected by hand"}
    assert here(*arguments, "--force").code == 0
    assert contents(desk / "out") == {"box 1/p1.txt": FIRST, "box 2/p2.txt": SECOND}


def test_a_page_whose_file_cannot_have_its_name_costs_itself_alone(here: Callable[..., Run], desk: Path) -> None:
    long = "x" * 251
    for name in ("a", long, "z"):
        save(desk / "long" / f"{name}.png", page("ab"))
    (desk / "out").mkdir()
    for more in ((), ("--force",), ("--skip-existing",)):
        run = here("long", "--format", "jsonl", "--output", "out", *more)
        assert run.code == 1
        assert f" long/{long}.png: cannot write out/{long}.jsonl: File name too long\n" in run.err
        assert contents(desk / "out").keys() == {"a.jsonl", "z.jsonl"}


def test_a_scan_that_is_read_is_not_written_over(here: Callable[..., Run], desk: Path) -> None:
    save(desk / "scans" / "box 2" / "p0.png", page("b"))
    before = (desk / "scans" / "box 2" / "p0.png").read_bytes()
    for output in ("scans/box 2/p0.png", str(desk / "scans" / "box 2" / ".." / "box 2" / "p0.png")):
        run = here("scans/box 2/p0.png", "--output", output, "--force")
        assert (run.code, run.out) == (2, "")
        assert "is what is read: name another place for the results" in run.err
    assert (desk / "scans" / "box 2" / "p0.png").read_bytes() == before


def test_a_page_that_is_named_twice_is_read_once(here: Callable[..., Run], desk: Path) -> None:
    run = here("scans", "scans/box 2/p2.png", "--segmenter", "bands", "--format", "pages", "--output", "out")
    assert run.code == 0
    assert contents(desk / "out") == {"box 1/p1.txt": FIRST, "box 2/p2.txt": SECOND}


def test_images_of_one_name_and_pages_of_one_file_have_their_own_files(here: Callable[..., Run], desk: Path) -> None:
    save(desk / "mixed" / "x.png", page("a"))
    save(desk / "mixed" / "x.bmp", page("ab"))
    first, second = (Image.fromarray(page(text)) for text in ("aa", "aab"))
    first.save(desk / "mixed" / "y.tif", save_all=True, append_images=[second])
    assert here("mixed", "--format", "pages", "--output", "out").code == 0
    assert {name: text.split()[-1] for name, text in contents(desk / "out").items()} == {
        "x.bmp.txt": "ab",
        "x.png.txt": "a",
        "y#1.txt": "aa",
        "y#2.txt": "aab",
    }
    again = here("mixed/y.tif", "mixed/x.png", "--format", "pages", "--output", "out")
    assert again.code == 1
    assert again.err.splitlines() == [
        "skipped mixed/y.tif#1: out/y#1.txt is there already: --force writes over it",
        "skipped mixed/y.tif#2: out/y#2.txt is there already: --force writes over it",
        "3 read, 2 failed",
    ]
    assert (desk / "out" / "x.txt").exists()


def test_a_page_that_its_writer_fails_on_costs_no_other(here: Callable[..., Run], desk: Path) -> None:
    save(desk / "scans" / "box 2" / "p0.png", page("b"))
    run = here("scans", "--segmenter", "bands", "--format", "pages", "--output", "out")
    assert run.code == 1
    assert "skipped scans/box 2/p0.png: writer 'pages' raised ValueError: no b\n" in run.err
    assert list(contents(desk / "out")) == ["box 1/p1.txt", "box 2/p2.txt"]


def test_a_writer_that_gives_no_text_is_named_and_what_came_is_kept(here: Callable[..., Run], desk: Path) -> None:
    arguments = ("scans", "--segmenter", "bands", "--format", "hostile")
    run = here(*arguments)
    assert run.code != 0
    assert run.out == "ab\n"
    assert run.err.splitlines()[-1] == "error: writer 'hostile' gave 5 instead of text"
    assert here(*arguments, "--output", "read.txt").code != 0
    assert not (desk / "read.txt").exists()
    assert (desk / "read.txt.part").read_text() == "ab\n"


def test_saved_outputs_are_no_pages(here: Callable[..., Run], desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert here("scans", "--segmenter", "bands", "--save-log-probs", "o.npz").code == 0
    assert cli.run(["decode", "o.npz", "--format", "pages", "--output", "out"]) == 2
    assert "pages writes pages, which saved outputs are not" in capsys.readouterr().err
    assert cli.run(["decode", "o.npz"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "scans/box 1/p1.png:1\tab"
