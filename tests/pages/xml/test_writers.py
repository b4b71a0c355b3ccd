"""What PAGE, ALTO and hOCR files say of what was read, and of who read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

import htrkit
from htrkit.pages.xml.write_alto import Alto
from htrkit.pages.xml.write_hocr import Hocr
from htrkit.pages.xml.write_page import PageXml
from htrkit.testing import check_writer
from htrkit.types import Alternative, Hypothesis, Page, Place, Region, Result, Run, Word
from tests.pages.xml.drawn import FORMATS, HEIGHT, WIDTH, schema, valid

PIXELS = np.full((HEIGHT, WIDTH), 255, np.uint8)
RUN = Run("open", "beam", n_best=2, when="2026-11-26T08:00:00Z")
BOX = ((10.0, 10.0), (90.0, 10.0), (90.0, 30.0), (10.0, 30.0))


OTHERS = {"cat": (Alternative("ca", 0.1), Alternative("oat", 0.02)), "sat": (Alternative("tsat", 0.012349),)}


def box(left: float, right: float) -> Any:
    return ((left, 10.4), (right, 10.4), (right, 29.6), (left, 29.6))


def hypothesis(*words: tuple[str, int, int], confidence: float = 0.5) -> Hypothesis:
    """Words with their frames, each frame ten pixels wide."""
    found = tuple(
        Word(text, box(10 * start, 10 * stop), 0.87654, (start, stop), OTHERS.get(text, ()))
        for text, start, stop in words
    )
    return Hypothesis(" ".join(text for text, _, _ in words), -1.0, None, (), confidence, found)


PLACES = (
    Place("a b.png", 0, BOX, ((10.0, 25.0), (90.0, 25.6)), "r1", "l1"),
    Place("a b.png", 1, ((10, 40), (90, 40), (90, 60), (10, 60)), (), "r1"),
    Place("a b.png", 2, ((1, 70), (9, 70), (9, 80)), (), ""),
)
PAGE = Page(
    "scans/a b.png",
    Path("scans/a b.png"),
    1,
    PIXELS,
    (Region("r1", "margin", BOX),),
    tuple((place, "before") for place in PLACES),
    segmenter="ridges",
)
RESULTS = [
    Result(
        "a b.png:1",
        (
            hypothesis(("The", 1, 3), ("cat", 4, 6), ("sat", 7, 9)),
            hypothesis(("The", 1, 3), ("ca", 4, 5), ("tsat", 7, 9)),
        ),
        PLACES[0],
    ),
    Result("a b.png:2", (Hypothesis("no boxes", -1.0, confidence=0.25), Hypothesis("one", -2.0)), PLACES[1]),
]


def tree(writer: Any, page: Page = PAGE, results: Any = RESULTS) -> Any:
    """The file as elements without namespaces."""
    root = etree.fromstring("".join(writer(results, page)).encode())
    for element in root.iter():
        element.tag = etree.QName(element).localname
    return root


def texts(root: Any, path: str) -> list[str]:
    return [element.text or "" for element in root.findall(path)]


@pytest.mark.parametrize("factory", [PageXml, Alto, Hocr, FORMATS["page-2013-07-15"]])
def test_they_are_writers(factory: Any) -> None:
    check_writer(factory)


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_read_is_written_in_valid_files(shared_data: Path, name: str) -> None:
    assert valid("".join(FORMATS[name](RUN)(RESULTS, PAGE)), schema(shared_data, name))
    assert valid("".join(FORMATS[name](RUN)([], Page("p", Path("p"), 1, PIXELS))), schema(shared_data, name))


def test_page_xml_has_words_texts_and_their_order() -> None:
    root = tree(PageXml(RUN))
    page = root.find("Page")
    assert (page.get("imageFilename"), page.get("imageWidth"), page.get("imageHeight")) == ("a b.png", "120", "90")
    assert [line.get("id") for line in page.iter("TextLine")] == ["l1", "line_2", "line_3"]
    first, second, third = page.iter("TextLine")
    assert texts(first, "Word/TextEquiv/Unicode") == ["The", "cat", "sat"]
    assert first.find("Word/Coords").get("points") == "10,10 30,10 30,30 10,30"
    assert first.find("Word/TextEquiv").get("conf") == "0.8765"
    assert texts(first, "TextEquiv/Unicode") == ["The cat sat", "The ca tsat"]
    assert [one.get("index") for one in first.findall("TextEquiv")] == ["0", "1"]
    assert first.find("Baseline").get("points") == "10,25 90,26"
    assert (texts(second, "Word"), texts(second, "TextEquiv/Unicode")) == ([], ["no boxes", "one"])
    assert second.find("Baseline").get("points") == "10,55 90,55"
    assert third.find("TextEquiv") is None
    region, none = page.findall("TextRegion")
    assert (region.get("type"), none.get("id")) == ("marginalia", "eSc_dummyblock_")
    assert [one.get("regionRef") for one in page.iter("RegionRefIndexed")] == ["r1", "eSc_dummyblock_"]


def test_page_xml_has_alternatives_of_words_if_asked() -> None:
    assert "oat" not in "".join(PageXml(RUN)(RESULTS, PAGE))
    root = tree(PageXml(RUN, alternatives=True))
    found = [[(one.get("index"), one.get("conf")) for one in word.iter("TextEquiv")] for word in root.iter("Word")]
    assert found[:2] == [[(None, "0.8765")], [("0", "0.8765"), ("1", "0.1"), ("2", "0.02")]]
    assert texts(root.find(".//TextLine"), "Word/TextEquiv/Unicode") == ["The", "cat", "ca", "oat", "sat", "tsat"]
    assert "oat" not in "".join(PageXml(RUN, version="2013-07-15", alternatives=True)(RESULTS, PAGE))


def test_hocr_has_alternatives_of_words_if_asked() -> None:
    assert "oat" not in "".join(Hocr(RUN)(RESULTS, PAGE))
    _, cat, _ = tree(Hocr(RUN, alternatives=True)).find(".//div[@class='ocr_line']").findall("span")
    (choice,) = cat
    assert choice.get("class") == "alternatives"
    assert [(one.tag, one.get("title"), one.text) for one in choice] == [
        ("ins", "x_wconf 88", "cat"),
        ("del", "x_wconf 10", "ca"),
        ("del", "x_wconf 2", "oat"),
    ]


def test_page_xml_of_2013_has_the_best_text_alone() -> None:
    root = tree(FORMATS["page-2013-07-15"](RUN))
    assert texts(root.find(".//TextLine"), "TextEquiv/Unicode") == ["The cat sat"]
    assert root.find(".//TextLine/TextEquiv").get("index") is None


def test_alto_has_strings_with_their_alternatives() -> None:
    first, second, third = tree(Alto(RUN)).iter("TextLine")
    assert [string.get("CONTENT") for string in first.findall("String")] == ["The", "cat", "sat"]
    assert [texts(string, "ALTERNATIVE") for string in first.findall("String")] == [[], ["ca", "oat"], ["tsat"]]
    assert [one.get("PURPOSE") for one in first.iter("ALTERNATIVE")][1:] == ["confidence 0.02", "confidence 0.0123"]
    assert [element.tag for element in first] == ["Shape", "String", "SP", "String", "SP", "String"]
    string = first.find("String")
    assert [string.get(key) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT", "WC")] == ["10", "10", "20", "20", "0.8765"]
    assert first.get("BASELINE") == "10 25 90 26"
    assert [string.get("CONTENT") for string in second.findall("String")] == ["no boxes"]
    assert texts(second, "String/ALTERNATIVE") == ["one"]
    assert [string.get("CONTENT") for string in third.findall("String")] == [""]


def test_hocr_has_words_with_boxes_and_confidences() -> None:
    root = tree(Hocr(RUN))
    (page,) = root.findall("body/div")
    assert page.get("title") == 'image "a b.png"; bbox 0 0 120 90; ppageno 0'
    first, second, third = (div for div in page.iter("div") if div.get("class") == "ocr_line")
    assert " ".join("".join(first.itertext()).split()) == "The cat sat"
    assert first.get("title") == "bbox 10 10 90 30; baseline 0.0125 -5; x_wconf 50"
    assert first.find("span").get("title") == "bbox 10 10 30 30; x_wconf 88"
    assert (second.text, third.text) == ("no boxes", None)


@pytest.mark.parametrize("factory", [PageXml, Alto, Hocr])
def test_a_file_says_what_made_it(factory: Any) -> None:
    text = "".join(factory(RUN)(RESULTS, PAGE))
    assert "model open; decoder beam; segmenter ridges" in text
    assert htrkit.__version__ in text
    assert factory is Hocr or RUN.when in text
    turned = Page("p", Path("p"), 1, PIXELS, orientation=6)
    assert "as its EXIF orientation 6 says" in "".join(factory(RUN)([], turned))
    assert "EXIF" not in text


@pytest.mark.parametrize("factory", [PageXml, Alto, Hocr])
def test_texts_that_were_known_are_written_if_nothing_was_read(factory: Any) -> None:
    text = "".join(factory(Run("", ""))([], PAGE))
    assert text.count("before") == 3
    assert "model" not in text
    assert "before" not in "".join(factory(RUN)([], PAGE))


def test_a_page_that_is_one_line_is_a_line_as_large_as_it() -> None:
    page = Page("x.png", Path("x.png"), 1, PIXELS, (), ((None, None),))
    root = tree(PageXml(RUN), page, [Result("x.png", (Hypothesis("word", 0.0),))])
    assert root.find(".//TextLine/Coords").get("points") == "0,0 120,0 120,90 0,90"
    assert texts(root, ".//TextLine/TextEquiv/Unicode") == ["word"]


def test_pages_of_files_with_several_say_which_they_are() -> None:
    page = Page("x.tif#3", Path("x.tif"), 3, PIXELS)
    assert tree(PageXml(RUN), page, []).find("Page").get("custom") == "page {number:3;}"
    assert tree(Alto(RUN), page, []).find(".//Page").get("PHYSICAL_IMG_NR") == "3"
    described = Page("x.xml", Path("x.xml"), 1, PIXELS, image=Path("x.tif"), image_page=2)
    assert tree(PageXml(RUN), described, []).find("Page").get("imageFilename") == "x.tif"
    assert tree(PageXml(RUN), described, []).find("Page").get("custom") == "page {number:2;}"


def test_ids_that_many_lines_share_cost_no_time() -> None:
    place = Place("x", 0, BOX, (), "", "same")
    page = Page("x", Path("x"), 1, PIXELS, (), ((place, None),) * 20_000)
    ids = [line.get("id") for line in tree(PageXml(RUN), page, []).iter("TextLine")]
    assert len(set(ids)) == 20_000
    assert ids[0] == "same"


def test_what_xml_cannot_hold_is_replaced() -> None:
    results = [Result("x", (Hypothesis("a\x00\x1b\ud800b", 0.0),), PLACES[0])]
    page = Page("x", Path("a\udcff\x01.png"), 1, PIXELS, (), PAGE.lines)
    for factory in (PageXml, Alto, Hocr):
        text = "".join(factory(RUN)(results, page))
        assert "a\ufffd\ufffd\ufffdb" in text
        assert "a\ufffd\ufffd.png" in text
