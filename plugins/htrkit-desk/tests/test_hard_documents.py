"""PAGE XML that is valid but rare, or made to be slow, is changed like any other: without losses, crashes or waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from htrkit_desk.document import Document
from htrkit_desk.marks import mark, mark_of, number_lines
from htrkit_desk.pictures import Picture, Size
from htrkit_desk.sheet import Sheet
from lxml import etree

from htrkit import InputError, Region
from htrkit.geometry import box
from tests.time_limits import processor_time_within

PICTURE = Picture(Path("scan.jpg"), 1, Size(1000, 800), Path("scan.jpg"))
NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
PICTURED = '<Coords points="50,30 200,30 200,90"/>'
DEAR, BROTHER = (
    f'<Word id="{text}">{PICTURED}<TextEquiv><Unicode>{text}</Unicode></TextEquiv></Word>'
    for text in ("dear", "brother")
)


def page(inside: str, width: str = "1000", height: str = "800") -> str:
    size = f'imageFilename="scan.jpg" imageWidth="{width}" imageHeight="{height}"'
    return f'<PcGts xmlns="{NAMESPACE}"><Page {size}>{inside}</Page></PcGts>'


def region(id_: str, inside: str) -> str:
    return f'<TextRegion id="{id_}"><Coords points="0,0 600,0 600,600 0,600"/>{inside}</TextRegion>'


def line(id_: str, inside: str) -> str:
    return f'<TextLine id="{id_}"><Coords points="50,30 500,30 500,90 50,90"/>{inside}</TextLine>'


def text(said: str, more: str = "") -> str:
    return f"<TextEquiv{more}><Unicode>{said}</Unicode></TextEquiv>"


def opened(content: str | bytes, picture: Picture = PICTURE) -> Document:
    return Document.read(content if isinstance(content, bytes) else content.encode(), Path("scan.xml"), picture)


def put(document: Document, sheet: Sheet) -> Document:
    document.put(sheet)
    return opened(document.data(), document.picture)


def moved(sheet: Sheet) -> Sheet:
    first, *others = sheet.lines
    return replace(sheet, lines=(replace(first, polygon=box(51.0, 30.0, 500.0, 90.0)), *others))


def seen(document: Document) -> list[tuple[str, str, str]]:
    return [(one.id, one.region, one.text) for one in document.sheet().lines]


@pytest.mark.parametrize(
    ("texts", "confidence", "state"),
    [
        ("", None, "corrected"),
        (text("older"), None, "corrected"),
        (text("dear brother"), None, "corrected"),
        (text("second", ' index="1"') + text("older", ' index="0" conf="0.5"'), 0.5, "read"),
    ],
)
def test_a_text_in_words_alone_stays_when_the_outline_moves(texts: str, confidence: float | None, state: str) -> None:
    document = opened(page(region("r1", line("l1", DEAR + BROTHER + texts))))
    before = document.sheet().lines[0]
    after = put(document, moved(document.sheet())).sheet().lines[0]
    assert (before.text, before.confidence, before.state) == ("dear brother", confidence, state)
    assert (after.text, after.confidence, after.state) == ("dear brother", confidence, state)
    assert after.polygon == box(51.0, 30.0, 500.0, 90.0)


def test_the_text_of_a_region_has_the_words_of_its_lines() -> None:
    document = opened(
        page(region("r1", line("l1", DEAR + BROTHER) + line("l2", text("yours")) + text("dear brother\nyours")))
    )
    sheet = document.sheet()
    lines = (sheet.lines[0], replace(sheet.lines[1], text="mine"))
    after = put(document, replace(sheet, lines=lines))
    assert after.root.findtext(".//{*}TextRegion/{*}TextEquiv/{*}Unicode") == "dear brother\nmine"


def test_a_word_of_several_texts_is_renamed_by_the_one_that_counts() -> None:
    words = DEAR.replace("<TextEquiv>", text("deer", ' index="1"') + '<TextEquiv index="0">')
    document = opened(page(region("r1", line("l1", words))))
    (one,) = document.sheet().lines
    after = put(document, replace(document.sheet(), lines=(replace(one, text="deer", state="corrected"),)))
    assert (one.text, after.sheet().lines[0].text) == ("dear", "deer")


OUTER, INNER = line("l1", text("outer")), region("r2", line("l2", text("inner")))
ORDER = (
    '<ReadingOrder><OrderedGroup id="o"><RegionRefIndexed index="0" regionRef="r2"/>'
    '<RegionRefIndexed index="1" regionRef="r1"/></OrderedGroup></ReadingOrder>'
)


@pytest.mark.parametrize("order", ["", ORDER])
@pytest.mark.parametrize("within", ["{}", '<ImageRegion id="i"><Coords points="0,0 9,0 9,9"/>{}</ImageRegion>'])
def test_a_region_within_one_that_goes_stays(order: str, within: str) -> None:
    document = opened(page(order + region("r1", within.format(INNER) + OUTER)))
    sheet = document.sheet()
    lines = tuple(replace(one, region="" if one.region == "r1" else one.region) for one in sheet.lines)
    after = put(document, replace(sheet, regions=tuple(one for one in sheet.regions if one.id != "r1"), lines=lines))
    assert sorted(seen(after)) == [("l1", "", "outer"), ("l2", "r2", "inner")]
    assert [one.id for one in after.sheet().regions] == ["r2"]
    assert len(list(after.root.iter("{*}ImageRegion"))) == within.count("<Image")


def test_regions_within_one_another_go_together() -> None:
    document = opened(page(region("r1", INNER + OUTER)))
    assert put(document, Sheet()).sheet() == Sheet()


def test_a_region_within_a_block_that_has_no_line_left_stays() -> None:
    document = opened(page(region("eSc_dummyblock_", INNER + OUTER)))
    sheet = document.sheet()
    after = put(document, replace(sheet, lines=tuple(replace(one, region="r2") for one in sheet.lines)))
    assert seen(after) == [("l1", "r2", "outer"), ("l2", "r2", "inner")]


@pytest.mark.parametrize(
    "around",
    [
        '<ReadingOrder><OrderedGroup id="o"/>{}</ReadingOrder>',
        region("r1", line("l1", "{}")),
        '<TextRegion id="r1"><Coords points="0,0 9,0 9,9">{}</Coords></TextRegion>',
    ],
)
def test_regions_where_none_may_be_are_kept(around: str) -> None:
    document = opened(page(around.format(INNER)))
    sheet = document.sheet()
    lines = tuple(one for one in sheet.lines if one.id == "l2")
    shapes = tuple(replace(one, polygon=box(1.0, 1.0, 700.0, 700.0)) for one in sheet.regions)
    after = put(document, replace(sheet, regions=shapes, lines=lines))
    assert seen(after) == [("l2", "r2", "inner")]


def test_lines_and_regions_without_any_place_do_not_matter() -> None:
    nowhere = '<TextRegion id="r1"><TextLine id="l1"/></TextRegion><TextRegion id="eSc_dummyblock_"/>'
    document = opened(page(nowhere + region("r2", line("l2", text("inner")))))
    first, second = document.sheet().lines
    after = put(document, replace(document.sheet(), lines=(second, first)))
    assert {one[0] for one in seen(after)} == {"l1", "l2"}


def test_no_region_is_called_as_what_is_none() -> None:
    document = opened(page(INNER))
    hidden = Region("eSc_dummyblock_", "", box(0.0, 0.0, 9.0, 9.0))
    with pytest.raises(InputError, match="cannot be the id"):
        document.put(replace(document.sheet(), regions=(hidden,)))


@pytest.mark.parametrize("custom", [" " * 20_000, "readingOrder{" * 20_000, "htrkit{" * 20_000, "htrkit " * 20_000])
def test_long_notes_of_others_take_no_time(custom: str) -> None:
    element = etree.Element("TextLine", custom=custom)
    with processor_time_within(1.0):
        number_lines([element])
        mark(element, state="corrected")
        assert mark_of(element) == {"state": "corrected"}


def test_long_texts_take_no_time() -> None:
    texts = (
        " ".join("ab"[number % 2] for number in range(2000)),
        " ".join("ba"[not number % 3] for number in range(2000)),
    )
    said = "".join(text(one, f' index="{index}"') for index, one in enumerate(texts))
    with processor_time_within(2.0):
        assert opened(page(region("r1", line("l1", said)))).sheet().lines[0].text == texts[0]


def test_pages_of_many_lines_take_little_time() -> None:
    count = 8000
    document_text = page(region("r1", line("", "").replace(' id=""', "") * count))
    with processor_time_within(2.0):
        document = opened(document_text)
    sheet = document.sheet(words=False)
    assert len({one.id for one in sheet.lines}) == count
    with processor_time_within(8.0):
        document.put(replace(sheet, lines=sheet.lines[::-1]))


@pytest.mark.parametrize(("width", "height"), [("1e-320", "9e8"), ("9e8", "1e-320"), ("1e-320", "1e-320")])
def test_a_size_of_no_pixel_is_none(width: str, height: str) -> None:
    turned = replace(PICTURE, size=Size(1000, 800, 6))
    document = opened(page(region("r1", OUTER), width, height), turned)
    assert seen(put(document, moved(document.sheet()))) == [("l1", "r1", "outer")]
