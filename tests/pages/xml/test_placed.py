"""Lines of a file on its picture: of another size, turned, with outlines that are none."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit.errors import ShapeError
from htrkit.pages.cut import cut
from htrkit.pages.images import Images
from htrkit.pages.xml.layout import Block, Layout, TextLine
from htrkit.pages.xml.placed import placed
from htrkit.types import Page, Place
from tests.pages.xml.drawn import HEIGHT, WIDTH, line_xml, page_xml, read, region_xml


def only(page: Page) -> Place:
    ((place, _),) = page.lines
    assert place is not None
    return place


def one_line(**more: str) -> str:
    return region_xml(line_xml("a", **more))


@pytest.mark.parametrize(
    ("stated", "across", "down"), [((60, 45), 2, 2), ((240, 90), 0.5, 1), ((0, 0), 1, 1), (("x", -3), 1, 1)]
)
def test_a_picture_of_another_size_is_taken_for_the_same_at_another_scale(
    tmp_path: Path, stated: tuple[object, object], across: float, down: float
) -> None:
    text = page_xml(one_line(points="10,10 20,10 20,20"), imageWidth=stated[0], imageHeight=stated[1])
    page = read(tmp_path, text)
    assert only(page).polygon == tuple((across * x, down * y) for x, y in ((10, 10), (20, 10), (20, 20)))
    assert page.regions[0].polygon[0] == (5 * across, 5 * down)


def test_points_beside_the_page_move_to_its_edge(tmp_path: Path) -> None:
    place = only(read(tmp_path, page_xml(one_line(points="-10,10.5 1e4,10 900,-30.25 +5,20"))))
    assert place.polygon == ((0, 10.5), (WIDTH, 10), (WIDTH, 0), (5, 20))


@pytest.mark.parametrize(
    "points", ["", "1,1", "5,5 5,5", "5,5 50,5", "a,b c,d", "1,1 2,2 3", "1e99,1 2,2 3,3", "NaN,1 2,2"]
)
def test_a_line_without_an_outline_costs_itself_alone(tmp_path: Path, points: str) -> None:
    page = read(tmp_path, page_xml(one_line(points=points)))
    place = only(page)
    assert place.polygon == ()
    with pytest.raises(ShapeError, match="its polygon has fewer than three points"):
        cut(page, place, "x")


def test_two_points_are_the_corners_of_a_box(tmp_path: Path) -> None:
    assert only(read(tmp_path, page_xml(one_line(points="10,20 50,30")))).polygon == (
        (10, 20),
        (50, 20),
        (50, 30),
        (10, 30),
    )


def test_outlines_that_cross_themselves_or_lie_beside_the_page_are_cut_as_far_as_they_can_be(tmp_path: Path) -> None:
    crossing = read(tmp_path, page_xml(one_line(points="10,10 90,30 90,10 10,30")))
    assert cut(crossing, only(crossing), "x").pixels.shape == (20, 80)
    outside = read(tmp_path, page_xml(one_line(points="500,500 600,500 600,550")))
    with pytest.raises(ShapeError, match="covers next to nothing of the page"):
        cut(outside, only(outside), "x")


def with_base_lines(*heights: float) -> Page:
    lines = tuple(TextLine(str(y), (), ((10.0, y), (90.0, y))) for y in heights)
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    return placed(Layout("x", 1, 0, 0, (Block("r", "", (), lines),)), Page("p", Path("p"), 1, pixels))


def test_a_base_line_alone_gets_an_outline_as_high_as_lines_are_apart() -> None:
    page = with_base_lines(20.0, 40.0, 60.0)
    outlines = [place.polygon for place, _ in page.lines if place]
    assert outlines[1] == ((10, 26), (90, 26), (90, 46), (10, 46))
    assert page.regions[0].polygon == ((10, 6), (90, 6), (90, 66), (10, 66))
    assert len(with_base_lines(20.0).lines[0][0].polygon) == 4  # type: ignore[union-attr]


def turned(folder: Path, orientation: int) -> Page:
    """A file that states the size of the picture before EXIF turns it, with a line where the picture is dark."""
    stored = np.full((60, 100), 255, np.uint8)
    stored[10:20, 30:80] = 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "PNG", exif=exif)
    (folder / "page.png").write_bytes(file.getvalue())
    return read(folder, page_xml(one_line(points="30,10 80,10 80,20 30,20"), imageWidth=100, imageHeight=60))


@pytest.mark.parametrize("orientation", [1, 5, 6, 7, 8])
def test_a_file_that_describes_the_picture_before_exif_turned_it(tmp_path: Path, orientation: int) -> None:
    page = turned(tmp_path, orientation)
    assert page.orientation == orientation
    line = cut(page, only(page), "x")
    assert line.pixels.size == 500
    assert line.pixels.max() == 0


def test_a_file_that_describes_the_picture_as_people_see_it(tmp_path: Path) -> None:
    turned(tmp_path, 6)
    (picture,) = Images().pages(tmp_path / "page.png")
    assert picture.pixels.shape == (100, 60)
    page = read(tmp_path, page_xml(one_line(points="40,30 50,30 50,80 40,80"), imageWidth=60, imageHeight=100))
    assert cut(page, only(page), "x").pixels.max() == 0


def test_regions_without_ids_or_with_the_same_get_their_own(tmp_path: Path) -> None:
    page = read(tmp_path, page_xml(region_xml(id_="") + region_xml(id_="a") + region_xml(id_="a")))
    assert [region.id for region in page.regions] == ["region_1", "a", "region_3"]
