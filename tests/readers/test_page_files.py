"""Lines with their texts out of PAGE and ALTO files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import InputError
from htrkit.readers import open_samples
from htrkit.readers.page_files import PageFiles
from htrkit.testing import check_reader
from htrkit.types import Pixels
from tests.drawing import save
from tests.pages.xml.drawn import alto_xml, line_xml, page_xml, region_xml

BOXES = {"a": (10, 10, 90, 30), "b": (5, 50, 60, 80)}


def grey() -> Pixels:
    """A page with a shade of its own in each box."""
    pixels = np.full((90, 120), 255, np.uint8)
    for shade, (left, top, right, bottom) in enumerate(BOXES.values(), start=1):
        pixels[top:bottom, left:right] = 40 * shade
    return pixels


def line(text: str | None, box: str) -> str:
    left, top, right, bottom = BOXES[box]
    return line_xml(text, id_=box, points=f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages, one of them below, and what is no page."""
    for name in ("one", "below/two"):
        save(tmp_path / f"{name}.png", grey())
        text = page_xml(region_xml(line("first", "a"), line("second", "b")), imageFilename=f"{Path(name).name}.png")
        (tmp_path / f"{name}.xml").write_text(text)
    (tmp_path / "mets.xml").write_text("<mets/>")
    return tmp_path


def test_it_is_a_reader(folder: Path) -> None:
    check_reader(PageFiles, folder)
    check_reader(PageFiles, folder / "one.xml")


def test_lines_are_cut_out_with_their_texts_and_their_page(folder: Path) -> None:
    samples = list(open_samples([folder]))
    assert [sample.text for sample in samples] == ["first", "second"] * 2
    assert [sample.line.id for sample in samples[:2]] == [f"{folder}/below/two.xml:1", f"{folder}/below/two.xml:2"]
    assert {sample.groups["page"] for sample in samples} == {f"{folder}/below/two.xml", f"{folder}/one.xml"}
    assert [(sample.line.pixels.shape, sample.line.pixels.max()) for sample in samples[:2]] == [
        ((20, 80), 40),
        ((30, 55), 80),
    ]
    assert all(sample.line.pixels.base is None for sample in samples), "a view keeps its whole page in memory"
    assert [place.id for sample in samples if (place := sample.line.place)] == ["a", "b"] * 2


def test_alto(folder: Path) -> None:
    box = 'HPOS="10" VPOS="10" WIDTH="80" HEIGHT="20"'
    (folder / "one.xml").write_text(
        alto_xml(f'<TextBlock ID="r"><TextLine {box}><String CONTENT="alto"/></TextLine></TextBlock>')
    )
    (sample,) = open_samples([folder / "one.xml"])
    assert (sample.text, sample.line.pixels.shape) == ("alto", (20, 80))


def test_what_is_left_out_is_counted(folder: Path) -> None:
    lines = (
        line(None, "a"),
        line(" ", "a"),
        line("found", "b"),
        line_xml("lost", points="1,1 2,2"),
        line("&#10;x&#10;y", "a"),
    )
    (folder / "one.xml").write_text(page_xml(region_xml(*lines), imageFilename="one.png"))
    (folder / "below" / "two.png").unlink()
    samples = open_samples([folder])
    assert [sample.text for sample in samples] == ["found"]
    assert {kind.reason: kind.count for kind in samples.report.skipped} == {
        "unreadable page": 1,
        "line without text": 2,
        "line that cannot be cut out": 1,
        "text of several lines": 1,
    }
    assert "two.xml: its image two.png is not beside it" in str(samples.report)


def test_a_file_or_folder_that_is_named_outright_has_to_be_one(folder: Path) -> None:
    (folder / "one.png").unlink()
    with pytest.raises(InputError, match=r"one\.xml: its image one\.png is not beside it"):
        list(open_samples([folder / "one.xml"]))
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="no PAGE or ALTO file in it or below"):
        list(open_samples([folder / "empty"], reader="pages"))


def test_pages_are_read_one_after_the_other(folder: Path) -> None:
    samples = iter(open_samples([folder]))
    next(samples)
    (folder / "one.xml").unlink()
    (folder / "one.png").unlink()
    report = open_samples([folder])
    assert len(list(report)) == 2
    next(samples)
    assert next(samples, None) is None
