"""PAGE XML is read into sheets and changed in place: what htrkit does not know stays, whoever wrote the file."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from htrkit_desk.document import Document
from htrkit_desk.marks import mark_of
from htrkit_desk.pictures import Picture, Size
from htrkit_desk.sheet import Sheet, SheetLine
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from htrkit import Alternative, Hypothesis, InputError, Region, Result, Run, Word
from htrkit.geometry import box

SIZE = Size(1000, 800)
PICTURE = Picture(Path("scan.jpg"), 1, SIZE, Path("scan.jpg"))
REGION = Region("r1", "text", box(0.0, 0.0, 900.0, 700.0))
NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/"

TRANSKRIBUS = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PcGts xmlns="{NAMESPACE}2013-07-15">
  <Metadata><Creator>Transkribus</Creator><Created>2020-01-01T00:00:00</Created>
    <LastChange>2020-01-01T00:00:00</LastChange>
    <TranskribusMetadata docId="7" status="GT" userId="4"/></Metadata>
  <Page imageFilename="scan.jpg" imageWidth="1000" imageHeight="800">
    <ReadingOrder><OrderedGroup id="ro" caption="Regions reading order">
      <RegionRefIndexed index="0" regionRef="r1"/><RegionRefIndexed index="1" regionRef="r2"/>
    </OrderedGroup></ReadingOrder>
    <TextRegion id="r1" type="heading" custom="readingOrder {{index:0;}} structure {{type:heading;}}" orientation="0.5">
      <Coords points="0,0 900,0 900,300 0,300"/>
      <TextLine id="a" custom="readingOrder {{index:0;}} person {{offset:0; length:4; name:Anna;}}">
        <Coords points="10,10 800,10 800,60 10,60"/><Baseline points="10,50 800,50"/>
        <Word id="a_1"><Coords points="10,10 90,10 90,60 10,60"/>
          <TextEquiv><Unicode>Anna</Unicode></TextEquiv></Word>
        <Word id="a_2"><Coords points="99,10 190,10 190,60 99,60"/>
          <TextEquiv><Unicode>wrote</Unicode></TextEquiv></Word>
        <TextEquiv><Unicode>Anna wrote</Unicode></TextEquiv>
        <TextStyle fontFamily="Kurrent" bold="true"/>
      </TextLine>
      <TextLine id="b" custom="readingOrder {{index:1;}}">
        <Coords points="10,70 800,70 800,120 10,120"/><Baseline points="10,110 800,110"/>
        <TextEquiv><Unicode>to me</Unicode></TextEquiv>
      </TextLine>
      <TextEquiv><Unicode>Anna wrote
to me</Unicode></TextEquiv>
    </TextRegion>
    <TextRegion id="r2" custom="readingOrder {{index:1;}}">
      <Coords points="0,400 900,400 900,700 0,700"/>
      <TextLine id="c" custom="readingOrder {{index:0;}}">
        <Coords points="10,410 800,410 800,460 10,460"/><Baseline points="10,450 800,450"/>
      </TextLine>
    </TextRegion>
    <ImageRegion id="seal"><Coords points="5,5 9,5 9,9"/></ImageRegion>
  </Page>
</PcGts>
"""


def opened(text: str | bytes, picture: Picture = PICTURE) -> Document:
    data = text if isinstance(text, bytes) else text.encode()
    return Document.read(data, Path("scan.xml"), picture)


def again(document: Document) -> Document:
    return opened(document.data(), document.picture)


def with_text(sheet: Sheet, id_: str, text: str, state: str = "corrected") -> Sheet:
    lines = (replace(one, text=text, state=state) if one.id == id_ else one for one in sheet.lines)  # type: ignore[arg-type]
    return replace(sheet, lines=tuple(lines))


def texts(document: Document) -> list[tuple[str, str, str]]:
    return [(one.id, one.text, one.state) for one in document.sheet().lines]


def new_line(number: int, text: str = "", id_: str = "", region: str = "r1") -> SheetLine:
    top = 50.0 * number
    outline = box(10.0, top, 600.0, top + 40.0)
    return SheetLine(
        id_, region, outline, ((10.0, top + 30), (600.0, top + 30)), text, "corrected" if text else "empty"
    )


def element(document: Document, id_: str) -> etree._Element:
    return next(one for one in document.root.iter() if one.get("id") == id_)


def test_texts_that_people_wrote_elsewhere_count_as_corrected() -> None:
    assert texts(opened(TRANSKRIBUS)) == [
        ("a", "Anna wrote", "corrected"),
        ("b", "to me", "corrected"),
        ("c", "", "empty"),
    ]


def test_a_correction_changes_the_text_and_nothing_else() -> None:
    document = opened(TRANSKRIBUS)
    document.put(with_text(document.sheet(), "b", "to us"))
    saved = again(document)
    assert texts(saved)[1] == ("b", "to us", "corrected")
    line, root = element(saved, "a"), saved.root
    assert line.get("custom") == "readingOrder {index:0;} person {offset:0; length:4; name:Anna;}"
    assert line.find("{*}TextStyle").get("fontFamily") == "Kurrent"  # type: ignore[union-attr]
    assert root.find(".//{*}TranskribusMetadata").get("status") == "GT"  # type: ignore[union-attr]
    assert element(saved, "r1").get("orientation") == "0.5"
    assert element(saved, "seal").tag.endswith("ImageRegion")
    assert element(saved, "r1").findtext("{*}TextEquiv/{*}Unicode") == "Anna wrote\nto us"
    assert root.findtext(".//{*}LastChange") != "2020-01-01T00:00:00"
    assert root.find(".//{*}OrderedGroup").get("caption") == "Regions reading order"  # type: ignore[union-attr]


def test_lines_in_the_cells_of_a_table_are_corrected_where_they_are() -> None:
    cell, end = '<TableRegion id="t"><TableCell id="r1">', "</TableCell></TableRegion>"
    parts = re.split(r"(<TextRegion id=\"r1\".*?>)(.*?)(</TextRegion>)", TRANSKRIBUS, maxsplit=1, flags=re.DOTALL)
    document = opened(parts[0] + cell + parts[2] + end + parts[4])
    document.put(with_text(document.sheet(), "a", "Anne wrote"))
    after = again(document)
    assert ("a", "Anne wrote", "corrected") in texts(after)
    parent = element(after, "a").getparent()
    assert parent is not None
    assert (str(parent.tag).endswith("}TableCell"), parent.get("id")) == (True, "r1")


def test_words_keep_their_places_if_their_number_stays() -> None:
    document = opened(TRANSKRIBUS)
    document.put(with_text(document.sheet(), "a", "Anne wrote"))
    found = again(document).sheet().lines[0]
    assert (found.text, [word.text for word in found.words]) == ("Anne wrote", ["Anne", "wrote"])
    assert found.words[0].polygon == box(10.0, 10.0, 90.0, 60.0)


def test_words_go_if_their_number_changes() -> None:
    document = opened(TRANSKRIBUS)
    document.put(with_text(document.sheet(), "a", "Anna has written"))
    found = again(document).sheet().lines[0]
    assert found.text == "Anna has written"
    assert [(word.start, word.end, word.polygon) for word in found.words] == [(0, 4, ()), (5, 8, ()), (9, 16, ())]


def test_lines_are_drawn_moved_split_and_deleted() -> None:
    document = opened(TRANSKRIBUS)
    sheet = document.sheet()
    moved = replace(sheet.lines[1], polygon=box(20.0, 80.0, 700.0, 130.0))
    document.put(replace(sheet, lines=(sheet.lines[0], new_line(3, "a new one"), moved)))
    saved = again(document)
    assert [one[1] for one in texts(saved)] == ["Anna wrote", "a new one", "to me"]
    assert saved.sheet().lines[2].polygon == box(20.0, 80.0, 700.0, 130.0)
    assert saved.sheet().lines[1].region == "r1"
    assert element(saved, "b").get("custom") == "readingOrder {index:2;}"  # as Transkribus counts


def test_reading_order_of_lines_and_regions_is_kept_in_the_file() -> None:
    document = opened(TRANSKRIBUS)
    a, b, c = document.sheet().lines
    document.put(replace(document.sheet(), lines=(c, b, a)))
    saved = again(document)
    assert [one.id for one in saved.sheet().lines] == ["c", "b", "a"]
    assert [one.get("regionRef") for one in saved.root.iter("{*}RegionRefIndexed")] == ["r2", "r1"]


def test_a_line_moves_to_another_region_and_out_of_all() -> None:
    document = opened(TRANSKRIBUS)
    a, b, c = document.sheet().lines
    document.put(replace(document.sheet(), lines=(replace(a, region="r2"), replace(b, region=""), c)))
    sheet = again(document).sheet()
    assert {one.id: one.region for one in sheet.lines} == {"a": "r2", "b": "", "c": "r2"}


def test_a_region_is_drawn_changed_and_deleted() -> None:
    document = opened(TRANSKRIBUS)
    sheet = document.sheet()
    margin = Region("mine", "margin", box(910.0, 0.0, 990.0, 300.0))
    other = replace(sheet.regions[1], kind="footnote", polygon=box(0.0, 420.0, 900.0, 700.0))
    lines = (replace(sheet.lines[0], region="mine"), replace(sheet.lines[2], region="r2"))
    document.put(replace(sheet, regions=(margin, other), lines=lines))
    saved = again(document)
    assert [(one.id, one.kind) for one in saved.sheet().regions] == [("mine", "margin"), ("r2", "footnote")]
    assert saved.sheet().regions[1].polygon == box(0.0, 420.0, 900.0, 700.0)


@pytest.mark.parametrize("id_", ["", "a b", "1", "seal", "../x", "x" * 300])
def test_a_region_cannot_be_called_anything(id_: str) -> None:
    document = opened(TRANSKRIBUS)
    with pytest.raises(InputError, match="cannot be the id"):
        document.put(replace(document.sheet(), regions=(Region(id_, "", REGION.polygon),)))


def test_a_page_without_a_file_gets_one() -> None:
    document = Document.new(PICTURE)
    assert (document.version, document.sheet()) == ("new", Sheet())
    document.put(Sheet((REGION,), (new_line(1, "first"), new_line(2)), finished=True))
    sheet = again(document).sheet()
    assert [(one.text, one.state) for one in sheet.lines] == [("first", "corrected"), ("", "empty")]
    assert sheet.finished


def test_a_sheet_is_what_was_put() -> None:
    document = Document.new(PICTURE)
    sheet = Sheet((REGION,), (new_line(1, "first", "l1"), new_line(2, "", "l2"), new_line(3, "out", "l3", "")))
    document.put(sheet)
    found = again(document).sheet()
    words = tuple(replace(line, words=()) for line in found.lines)
    assert replace(found, lines=words) == sheet


READ = Result(
    "b",
    (
        Hypothesis(
            "to he",
            0.0,
            confidence=0.8,
            words=(Word("to", box(10, 70, 90, 120), 0.9), Word("he", box(99, 70, 190, 120), 0.4)),
        ),
        Hypothesis("to me", -1.0, confidence=0.1),
    ),
)


def put_read(document: Document, **results: Result) -> int:
    return document.put_read(results, Run("m", "d", n_best=3))


def unmarked(text: str) -> str:
    """As a program writes it whose texts a network has read."""
    return text.replace("<TextEquiv><Unicode>to me", '<TextEquiv conf="0.5"><Unicode>to me')


def test_what_is_read_has_confidence_words_and_alternatives() -> None:
    document = opened(unmarked(TRANSKRIBUS.replace("2013-07-15", "2019-07-15")))
    assert put_read(document, b=READ) == 1
    found = again(document).sheet().lines[1]
    assert (found.text, found.state, found.confidence) == ("to he", "read", 0.8)
    assert [(word.text, word.confidence, word.alternatives) for word in found.words] == [
        ("to", 0.9, ()),
        ("he", 0.4, (("me", None),)),
    ]


def test_corrected_lines_are_never_read_over() -> None:
    document = opened(TRANSKRIBUS)
    assert put_read(document, a=READ, b=READ, c=READ) == 1
    assert [one[1] for one in texts(again(document))] == ["Anna wrote", "to me", "to he"]


def test_a_correction_takes_the_confidence_away_and_stays() -> None:
    document = opened(unmarked(TRANSKRIBUS))
    put_read(document, b=READ)
    document.put(with_text(document.sheet(), "b", "to me"))
    saved = again(document)
    assert saved.sheet().lines[1].confidence is None
    assert put_read(saved, b=READ) == 0


def test_a_text_that_another_program_changes_after_it_was_read_is_a_correction() -> None:
    document = opened(unmarked(TRANSKRIBUS))
    put_read(document, b=replace(READ, hypotheses=(Hypothesis("to he", 0.0, confidence=0.5),)))
    elsewhere = opened(document.data().replace(b"to he", b"to me"))
    assert texts(elsewhere)[1] == ("b", "to me", "corrected")


def test_undoing_a_correction_gives_the_line_back_to_the_network() -> None:
    document = opened(unmarked(TRANSKRIBUS))
    document.put(with_text(document.sheet(), "b", "typed"))
    document.put(with_text(document.sheet(), "b", "to me", "read"))
    assert texts(again(document))[1] == ("b", "to me", "read")


def test_files_of_htrkit_hold_what_a_network_has_read_until_a_person_says_otherwise() -> None:
    text = TRANSKRIBUS.replace("<Creator>Transkribus", "<Creator>htrkit 0.1.0")
    document = opened(text)
    assert [one[2] for one in texts(document)] == ["read", "read", "empty"]
    document.put(with_text(document.sheet(), "b", "to us"))
    assert [one[2] for one in texts(again(document))] == ["read", "corrected", "empty"]


def test_a_file_that_states_another_size_keeps_its_points_until_a_line_is_moved() -> None:
    half = replace(PICTURE, size=Size(500, 400))
    document = opened(TRANSKRIBUS, half)
    assert document.sheet().lines[0].polygon == box(5.0, 5.0, 400.0, 30.0)
    document.put(with_text(document.sheet(), "b", "to us"))
    assert element(again(document), "a").find("{*}Coords").get("points") == "10,10 800,10 800,60 10,60"  # type: ignore[union-attr]
    sheet = document.sheet()
    moved = replace(sheet.lines[2], polygon=box(10.0, 210.0, 300.0, 240.0))
    document.put(replace(sheet, lines=(*sheet.lines[:2], moved)))
    saved = again(document)
    page = saved.root.find("{*}Page")
    assert page is not None
    assert (page.get("imageWidth"), page.get("imageHeight")) == ("500", "400")
    assert saved.sheet().lines[0].polygon == box(5.0, 5.0, 400.0, 30.0)
    assert saved.sheet().lines[2].polygon == box(10.0, 210.0, 300.0, 240.0)


def test_lines_without_ids_or_with_equal_ones_get_their_own() -> None:
    document = opened(TRANSKRIBUS.replace('TextLine id="b"', 'TextLine id="a"').replace('TextLine id="c"', "TextLine"))
    ids = [one.id for one in document.sheet().lines]
    assert (ids[0], len(set(ids))) == ("a", 3)
    document.put(with_text(document.sheet(), ids[2], "third"))
    assert [one[1] for one in texts(again(document))] == ["Anna wrote", "to me", "third"]


def test_alto_is_taken_over_into_page_xml() -> None:
    alto = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit>
    <sourceImageInformation><fileName>scan.jpg</fileName></sourceImageInformation></Description><Layout>
    <Page WIDTH="1000" HEIGHT="800" ID="p"><PrintSpace HPOS="0" VPOS="0" WIDTH="1000" HEIGHT="800">
    <TextBlock ID="t" HPOS="0" VPOS="0" WIDTH="900" HEIGHT="90">
    <TextLine ID="x" HPOS="10" VPOS="10" WIDTH="500" HEIGHT="40">
    <String CONTENT="by"/><SP/><String CONTENT="people"/></TextLine>
    </TextBlock></PrintSpace></Page></Layout></alto>"""
    document = opened(alto)
    assert texts(document) == [("x", "by people", "corrected")]
    assert document.root.tag.endswith("PcGts")


@pytest.mark.parametrize("text", ["", "<a/>", "<PcGts/>", "no xml", '<!DOCTYPE a [<!ENTITY b "c">]><PcGts>&b;</PcGts>'])
def test_what_is_no_page_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        opened(text).sheet()


@pytest.mark.parametrize("version", ["2013-07-15", "2019-07-15"])
def test_what_is_saved_is_valid(version: str) -> None:
    folder = os.environ.get("HTRKIT_DATA")
    if not folder:
        pytest.skip("HTRKIT_DATA is not set: it names the folder with the official schemas")
    found = [
        path for path in Path(folder, "schemas").rglob("*.xsd") if version in str(path) and "page" in str(path).lower()
    ]
    schema = etree.XMLSchema(etree.parse(found[0]))
    valid = TRANSKRIBUS.replace('<TranskribusMetadata docId="7" status="GT" userId="4"/>', "").replace(
        "2013-07-15", version
    )
    schema.assertValid(opened(valid).root.getroottree())
    document = opened(unmarked(valid))
    put_read(document, b=READ, c=READ)
    sheet = document.sheet()
    margin = Region("mine", "margin", box(910.0, 0.0, 990.0, 300.0))
    moved = replace(sheet.lines[0], polygon=box(11.0, 9.0, 700.0, 60.0), region="mine")
    changed = with_text(sheet, "b", "to us all").lines
    lines = (changed[2], changed[1], moved, new_line(5, "more", region=""), new_line(6, "y", region="mine"))
    document.put(replace(sheet, regions=(*sheet.regions, margin), lines=lines, finished=True))
    schema.assertValid(again(document).root.getroottree())
    assert mark_of(element(document, "b")) == {"state": "corrected"}


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)
LINES = st.lists(st.tuples(PLAIN.map(str.strip), st.sampled_from(["r1", "r2", ""]), st.integers(1, 14)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_any_texts_come_back_as_they_were_put(lines: list[tuple[str, str, int]]) -> None:
    document = opened(TRANSKRIBUS)
    regions = document.sheet().regions
    wanted = tuple(new_line(number, text, f"n{i}", region) for i, (text, region, number) in enumerate(lines))
    document.put(Sheet(regions, wanted))
    found = again(document).sheet()
    by_id = {line.id: line for line in found.lines}
    assert {one.id: (one.text, one.state, one.region) for one in wanted} == {
        id_: (one.text, one.state, one.region) for id_, one in by_id.items()
    }
    for region in ("r1", "r2", ""):
        assert [one.id for one in wanted if one.region == region] == [
            one.id for one in found.lines if one.region == region
        ]


def test_comments_and_instructions_of_others_are_kept() -> None:
    text = TRANSKRIBUS.replace("<PcGts", "<!-- of the archive --><?note top?><PcGts", 1)
    text = text.replace("<TextLine", "<!-- a hard line --><TextLine", 1).replace("</Page>", "<?note end?></Page>", 1)
    document = opened(text)
    first, *others = document.sheet().lines
    document.put(replace(document.sheet(), lines=(*others, replace(first, text="changed", state="corrected"))))
    data = again(document).data().decode()
    for kept in ("<!-- of the archive -->", "<?note top?>", "<!-- a hard line -->", "<?note end?>"):
        assert data.count(kept) == 1
    assert "changed" in data


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 80), st.sampled_from(["<!-- note -->", "<?note to them?>"])), max_size=8))
def test_notes_anywhere_do_not_matter(places: list[tuple[int, str]]) -> None:
    pieces = re.split(r"(?<=>)(?=\s*<)", TRANSKRIBUS)
    for at, note in places:
        pieces.insert(1 + at % (len(pieces) - 1), note)
    document, plain = opened("".join(pieces)), opened(TRANSKRIBUS)
    assert document.sheet() == plain.sheet()
    for one in (document, plain):
        lines = one.sheet().lines
        one.put(replace(one.sheet(), lines=(*lines[1:], replace(lines[0], text="new words here", state="corrected"))))
        put_read(one, b=Result("b", (Hypothesis("read", 0.0, confidence=0.5),)))
    assert again(document).sheet() == again(plain).sheet()


def test_comments_in_alto_do_not_matter() -> None:
    text = (
        "<alto><Layout><Page ID='p' WIDTH='1000' HEIGHT='800'><ReadingOrder><!-- mine --><OrderedGroup ID='g'>"
        "<ElementRef REF='b'/></OrderedGroup></ReadingOrder><PrintSpace><TextBlock ID='b'><!-- c --></TextBlock>"
        "</PrintSpace></Page></Layout></alto>"
    )
    assert opened(text).sheet().lines == ()


def test_a_comment_within_a_text_is_no_part_of_it() -> None:
    document = opened(re.sub(r"<Unicode>(\w)", r"<Unicode>\1<!-- or B? --><?note x?>", TRANSKRIBUS))
    assert [line.text for line in document.sheet().lines] == [line.text for line in opened(TRANSKRIBUS).sheet().lines]


def test_alternatives_of_words_are_kept_with_their_confidences() -> None:
    words = (
        Word("to", box(10, 70, 90, 120), 0.9),
        Word(
            "he",
            box(99, 70, 190, 120),
            0.4,
            alternatives=(Alternative("me", 0.3), Alternative("{a;b:c,\U0001d53d}", 0.1)),
        ),
    )
    result = Result("b", (Hypothesis("to he", 0.0, confidence=0.36, words=words),))
    document = opened(unmarked(TRANSKRIBUS.replace("2013-07-15", "2019-07-15")))
    put_read(document, b=result)
    saved = again(document)
    assert saved.sheet().lines[1].words[1].alternatives == (("me", 0.3), ("{a;b:c,\U0001d53d}", 0.1))
    saved.put(with_text(saved.sheet(), "b", "to me"))
    assert again(saved).sheet().lines[1].words[1].alternatives == ()
