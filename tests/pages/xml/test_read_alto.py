"""ALTO as many programs write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from htrkit.types import Page, Place
from tests.pages.xml.drawn import HEIGHT, WIDTH, alto_xml, read

BOX = 'HPOS="10" VPOS="20" WIDTH="80" HEIGHT="16"'
CORNERS = ((10, 20), (90, 20), (90, 36), (10, 36))


def block(lines: str, id_: str = "b", more: str = "") -> str:
    return f'<TextBlock ID="{id_}" {BOX} {more}>{lines}</TextBlock>'


def line(inside: str, more: str = BOX) -> str:
    return f'<TextLine ID="l" {more}>{inside}</TextLine>'


def only(page: Page) -> Place:
    ((place, _),) = page.lines
    assert place is not None
    return place


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("", None),
        ('<String CONTENT=""/>', ""),
        ('<String CONTENT="a whole line"/>', "a whole line"),
        ('<String CONTENT="two"/><SP/><String CONTENT="words"/>', "two words"),
        ('<String CONTENT="two"/><String CONTENT="words"/>', "two words"),
        ('<String CONTENT="hyphen"/><HYP CONTENT="-"/>', "hyphen-"),
        ('<String CONTENT="word"><ALTERNATIVE>ward</ALTERNATIVE></String>', "word"),
    ],
)
def test_the_text_of_a_line(tmp_path: Path, inside: str, text: str | None) -> None:
    assert [text for _, text in read(tmp_path, alto_xml(block(line(inside)))).lines] == [text]


@pytest.mark.parametrize("points", ["1,2 50,2 50,9", "1 2 50 2 50 9", "1.0,2.0 50.0,2.0 50,9", "1,2,50,2,50,9"])
def test_points_in_every_manner(tmp_path: Path, points: str) -> None:
    shape = f'<Shape><Polygon POINTS="{points}"/></Shape>'
    place = only(read(tmp_path, alto_xml(block(line(shape, f'{BOX} BASELINE="{points}"')))))
    assert place.polygon == place.baseline == ((1, 2), (50, 2), (50, 9))


@pytest.mark.parametrize("shape", ["", "<Shape/>", "<Shape><Circle/></Shape>", '<Shape><Polygon POINTS="1"/></Shape>'])
def test_without_a_polygon_a_line_is_its_box(tmp_path: Path, shape: str) -> None:
    assert only(read(tmp_path, alto_xml(block(line(shape))))).polygon == CORNERS


def test_a_base_line_may_be_a_single_height(tmp_path: Path) -> None:
    place = only(read(tmp_path, alto_xml(block(line("", f'{BOX} BASELINE="31.5"')))))
    assert place.baseline == ((10, 31.5), (90, 31.5))


@pytest.mark.parametrize("version", [2, 3, 4])
def test_versions_and_other_units(tmp_path: Path, version: int) -> None:
    twice = f'WIDTH="{2 * WIDTH}" HEIGHT="{2 * HEIGHT}"'
    place = only(read(tmp_path, alto_xml(block(line("")), version=version, unit="mm10", page=twice)))
    assert place.polygon == tuple((x / 2, y / 2) for x, y in CORNERS)


def test_blocks_within_blocks_and_in_margins(tmp_path: Path) -> None:
    text = alto_xml(f'<ComposedBlock ID="c">{block(line(""), "inner")}</ComposedBlock>{block(line(""), "outer")}')
    text = text.replace("<PrintSpace>", f"<TopMargin>{block(line(''), 'top')}</TopMargin><PrintSpace>")
    assert [region.id for region in read(tmp_path, text).regions] == ["top", "inner", "outer"]


def test_the_reading_order_of_later_versions_is_followed(tmp_path: Path) -> None:
    order = '<OrderedGroup ID="g"><ElementRef ID="x" REF="b3"/><ElementRef ID="y" REF="b1"/></OrderedGroup>'
    order = f"<ReadingOrder>{order}</ReadingOrder>"
    text = alto_xml("".join(block(line(""), f"b{number}") for number in (1, 2, 3))).replace(
        "<Layout>", f"{order}<Layout>"
    )
    assert [region.id for region in read(tmp_path, text).regions] == ["b3", "b1", "b2"]


def test_the_kind_of_a_block_is_the_label_of_its_tag(tmp_path: Path) -> None:
    tags = '<Tags><LayoutTag ID="L"/><OtherTag ID="T" LABEL="title"/></Tags>'
    text = alto_xml(block("", more='TAGREFS="nothing L T"')).replace("<Layout>", f"{tags}<Layout>")
    (region,) = read(tmp_path, text).regions
    assert region.kind == "title"


def test_a_page_within_a_page_is_none(tmp_path: Path) -> None:
    text = alto_xml(block(line('<String CONTENT="a"/>')))
    within = text.replace("<TextBlock", "<Page><TextBlock", 1).replace("</TextBlock>", "</TextBlock></Page>", 1)
    assert [text for _, text in read(tmp_path, within).lines] == ["a"]
