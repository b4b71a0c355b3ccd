"""PAGE as many programs write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.xml.drawn import line_xml, page_xml, read, region_xml
from tests.time_limits import processor_time_within


def texts(folder: Path, body: str, **attributes: object) -> list[str | None]:
    return [text for _, text in read(folder, page_xml(body, **attributes)).lines]


def lines(*names: str, more: tuple[str, ...] = ()) -> list[str]:
    return [line_xml(name, id_=name, more=extra) for name, extra in zip(names, more or [""] * len(names), strict=True)]


def test_without_an_order_lines_come_as_they_stand_in_the_file(tmp_path: Path) -> None:
    assert texts(tmp_path, region_xml(*lines("a", "b")) + region_xml(*lines("c"), id_="r2")) == ["a", "b", "c"]


ORDERED = (
    "<ReadingOrder>{}</ReadingOrder>"
    + region_xml(*lines("a"), id_="r1")
    + region_xml(*lines("b"), id_="r2")
    + region_xml(*lines("c"), id_="r3")
)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            '<OrderedGroup id="g"><RegionRefIndexed index="1" regionRef="r1"/>'
            '<RegionRefIndexed index="0" regionRef="r3"/><RegionRefIndexed index="2" regionRef="r2"/></OrderedGroup>',
            "cab",
        ),
        ('<OrderedGroup id="g"><RegionRefIndexed index="0" regionRef="r3"/></OrderedGroup>', "cab"),
        ('<UnorderedGroup id="g"><RegionRef regionRef="r2"/><RegionRef regionRef="r1"/></UnorderedGroup>', "bac"),
        (
            '<OrderedGroup id="g"><OrderedGroupIndexed index="9" id="h"><RegionRefIndexed index="0" regionRef="r1"/>'
            '</OrderedGroupIndexed><RegionRefIndexed index="8" regionRef="r2"/></OrderedGroup>',
            "bac",
        ),
        ('<OrderedGroup id="g"><RegionRefIndexed index="x" regionRef="nothing"/></OrderedGroup>', "abc"),
        ('<OrderedGroup id="g"/>', "abc"),
    ],
)
def test_the_reading_order_is_followed(tmp_path: Path, order: str, expected: str) -> None:
    assert "".join(map(str, texts(tmp_path, ORDERED.format(order)))) == expected


def test_the_order_of_transkribus_is_followed_if_it_is_complete(tmp_path: Path) -> None:
    custom = ['custom="readingOrder {index:1;} x {}"', "custom='structure {type:a;} readingOrder {index:0;}'"]
    assert texts(tmp_path, region_xml(*lines("a", "b", more=(custom[0], custom[1])))) == ["b", "a"]
    assert texts(tmp_path, region_xml(*lines("a", "b", more=(custom[0], "")))) == ["a", "b"]
    regions = region_xml(*lines("a"), more=custom[0]) + region_xml(*lines("b"), id_="r2", more=custom[1])
    assert texts(tmp_path, regions) == ["b", "a"]


def test_cells_of_tables_are_regions_where_their_table_stands(tmp_path: Path) -> None:
    cells = "".join(
        f'<TableCell id="c{i}"><Coords points="5,5 115,5 115,85 5,85"/>{line_xml(text, id_=f"k{i}")}</TableCell>'
        for i, text in enumerate(("one", "two"))
    )
    table = (
        f'<TableRegion id="t" custom="readingOrder {{index:1;}}"><Coords points="0,0 9,0 9,9"/>{cells}</TableRegion>'
    )
    after, before = (
        region_xml(line_xml(text, id_=f"l{index}"), id_=f"r{index}", more=f'custom="readingOrder {{index:{index};}}"')
        for index, text in ((2, "after"), (0, "before"))
    )
    page = read(tmp_path, page_xml(after + table + before))
    assert [text for _, text in page.lines] == ["before", "one", "two", "after"]
    assert [place.region for place, _ in page.lines if place] == ["r0", "c0", "c1", "r2"]


def test_lines_of_regions_within_regions_belong_to_the_inner_one(tmp_path: Path) -> None:
    inner = region_xml(*lines("b"), id_="inner")
    page = read(tmp_path, page_xml(region_xml(inner, *lines("a"), id_="outer") + f"<TableRegion>{inner}</TableRegion>"))
    assert [(text, place.region) for place, text in page.lines if place] == [
        ("a", "outer"),
        ("b", "inner"),
        ("b", "region_3"),
    ]
    assert [region.id for region in page.regions] == ["outer", "inner", "region_3"]


def test_a_region_within_one_that_the_order_names_goes_with_it(tmp_path: Path) -> None:
    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="0" regionRef="b"/></OrderedGroup></ReadingOrder>'
    )
    inner = region_xml(*lines("inner"), id_="i")
    body = region_xml(*lines("a"), id_="a") + region_xml(inner, *lines("b"), id_="b")
    assert texts(tmp_path, order + body) == ["b", "inner", "a"]


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("", None),
        ("<TextEquiv/>", None),
        ("<TextEquiv><Unicode/></TextEquiv>", ""),
        ("<TextEquiv><PlainText>p</PlainText><Unicode>u</Unicode></TextEquiv>", "u"),
        (
            '<TextEquiv index="1"><Unicode>b</Unicode></TextEquiv>'
            '<TextEquiv index="0"><Unicode>a</Unicode></TextEquiv>',
            "a",
        ),
        (
            "<Word><TextEquiv><Unicode>two</Unicode></TextEquiv></Word><Word/><Word><TextEquiv><Unicode>words</Unicode>"
            "</TextEquiv></Word><TextEquiv><Unicode>one line</Unicode></TextEquiv>",
            "two words",
        ),
        ("<Word/><TextEquiv><Unicode>one line</Unicode></TextEquiv>", "one line"),
    ],
)
def test_the_text_of_a_line(tmp_path: Path, inside: str, text: str | None) -> None:
    line = f'<TextLine id="l"><Coords points="1,1 9,1 9,9"/>{inside}</TextLine>'
    assert texts(tmp_path, region_xml(line)) == [text]


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ("", ""),
        ('type="marginalia"', "marginalia"),
        ('type="other" custom="structure {type:Machine\\u0020Print;}"', "Machine Print"),
        ('custom="structure {score:1.0; type:a;}"', "a"),
        ('custom="structure type {"', ""),
    ],
)
def test_the_kind_of_a_region(tmp_path: Path, attributes: str, kind: str) -> None:
    (region,) = read(tmp_path, page_xml(region_xml(more=attributes))).regions
    assert region.kind == kind


def test_points_before_2013(tmp_path: Path) -> None:
    points = "".join(f'<Point x="{x}" y="{y}"/>' for x, y in ((1, 2), (9, 2), (9, 8)))
    line = f'<TextLine id="l"><Coords>{points}</Coords></TextLine>'
    ((place, _),) = read(tmp_path, page_xml(region_xml(line), version="2010-03-19")).lines
    assert place
    assert place.polygon == ((1, 2), (9, 2), (9, 8))


@pytest.mark.parametrize(
    "version", ["2013-07-15", "2016-07-15", "2017-07-15", "2018-07-15", "2019-07-15", "2024-07-15"]
)
def test_versions(tmp_path: Path, version: str) -> None:
    assert len(read(tmp_path, page_xml(region_xml(line_xml()), version=version)).lines) == 1


def test_lines_of_no_region_as_escriptorium_has_them(tmp_path: Path) -> None:
    page = read(tmp_path, page_xml(f'<TextRegion id="eSc_dummyblock_">{line_xml()}</TextRegion>'))
    assert page.regions == ()
    assert [place.region for place, _ in page.lines if place] == [""]


@pytest.mark.parametrize("custom", ["a" * 200_000, "a{" * 100_000, "a " * 100_000, " " * 200_000])
def test_a_long_attribute_takes_no_time(tmp_path: Path, custom: str) -> None:
    with processor_time_within(5.0):
        page = read(tmp_path, page_xml(region_xml(line_xml("a", more=f'custom="{custom}"'))))
    assert [text for _, text in page.lines] == ["a"]
