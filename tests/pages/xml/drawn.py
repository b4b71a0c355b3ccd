"""Pages of all kinds, their pictures and their files, drawn for the tests of XML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from lxml import etree

from htrkit.pages.xml.source import Xml
from htrkit.pages.xml.write_alto import Alto
from htrkit.pages.xml.write_page import PageXml
from htrkit.types import Page, Place, Region, Result, Run
from tests.drawing import save

WIDTH, HEIGHT = 120, 90
PAGE_NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/"
NOTHING_READ = Run("", "")

Make = Callable[..., Any]
FORMATS: dict[str, Make] = {
    "page-2013-07-15": lambda run: PageXml(run, version="2013-07-15"),
    "page-2019-07-15": PageXml,
    "alto-4-2": Alto,
}
"""Writers by the names of their schemas."""

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r"),
    max_size=20,
)


def outlines(least: int) -> st.SearchStrategy[tuple[tuple[float, float], ...]]:
    """Whole points on the page, none twice in a row, that span an area if there are three and more."""
    points = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT)).map(lambda p: (float(p[0]), float(p[1])))
    found = st.lists(points, min_size=least, max_size=6, unique=True).map(tuple)
    if least < 3:
        return found
    return found.filter(lambda outline: len({x for x, _ in outline}) > 1 < len({y for _, y in outline}))


@st.composite
def pages(draw: st.DrawFn, path: Path = Path("page.png")) -> Page:
    """A page whose regions and lines are known, the lines block by block; some belong to no region."""
    kinds = st.sampled_from(["", "text", "margin", "marginalia", "Titel: {a; b} \\ é"])
    prefix = draw(st.sampled_from(["r", "é.", "_-9"]))
    regions, lines = [], []
    for number, size in enumerate(draw(st.lists(st.integers(0, 3), max_size=3))):
        region = Region(f"{prefix}{number}", draw(kinds), draw(outlines(3)))
        orphans = number == 1 and draw(st.booleans())
        if not orphans:
            regions.append(region)
        for _ in range(size):
            home, id_ = "" if orphans else region.id, f"{prefix}line{len(lines)}"
            place = Place("", len(lines), draw(outlines(3)), draw(outlines(2)), home, id_)
            lines.append((place, draw(st.none() | TEXTS)))
    return Page(str(path), path, 1, np.full((HEIGHT, WIDTH), 255, np.uint8), tuple(regions), tuple(lines))


def written(make: Make, page: Page, results: Iterable[Result] = (), run: Run = NOTHING_READ) -> str:
    """What a writer makes of a page."""
    return "".join(make(run)(results, page))


def read(folder: Path, text: str | bytes, *, size: tuple[int, int] = (WIDTH, HEIGHT), image: str = "page.png") -> Page:
    """The page of an XML file that lies beside its picture of white paper."""
    path = folder / "page.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if not (folder / image).exists():
        save(folder / image, np.full(size[::-1], 255, np.uint8))
    (page,) = Xml().pages(path)
    return page


def page_xml(body: str, *, version: str = "2019-07-15", **attributes: object) -> str:
    """A PAGE file with this in its page."""
    given = {"imageFilename": "page.png", "imageWidth": WIDTH, "imageHeight": HEIGHT} | attributes
    page = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f'<PcGts xmlns="{PAGE_NAMESPACE}{version}"><Metadata/><Page {page}>{body}</Page></PcGts>'


def line_xml(
    text: str | None = "a", *, id_: str = "l1", points: str = "10,10 90,10 90,30 10,30", more: str = ""
) -> str:
    """A line of a PAGE file."""
    written_text = "" if text is None else f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>"
    return f'<TextLine id="{id_}" {more}><Coords points="{points}"/>{written_text}</TextLine>'


def region_xml(*lines: str, id_: str = "r1", more: str = "") -> str:
    """A region of a PAGE file."""
    coords = '<Coords points="5,5 115,5 115,85 5,85"/>'
    return f'<TextRegion id="{id_}" {more}>{coords}{"".join(lines)}</TextRegion>'


def alto_xml(
    body: str, *, version: int = 4, unit: str = "pixel", page: str = f'WIDTH="{WIDTH}" HEIGHT="{HEIGHT}"'
) -> str:
    """An ALTO file with this in its print space."""
    return (
        f'<alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#"><Description><MeasurementUnit>{unit}'
        "</MeasurementUnit><sourceImageInformation><fileName>page.png</fileName></sourceImageInformation></Description>"
        f'<Layout><Page ID="p" PHYSICAL_IMG_NR="0" {page}><PrintSpace>{body}</PrintSpace></Page></Layout></alto>'
    )


def schema(folder: Path, name: str) -> etree.XMLSchema:
    """An official schema; its import of XLink, for which it names an address, is the file beside it."""
    path = folder / "schemas" / f"{name}.xsd"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    document = etree.parse(str(path))
    for element in document.getroot().iter("{http://www.w3.org/2001/XMLSchema}import"):
        element.set("schemaLocation", str(path.with_name("xlink.xsd")))
    return etree.XMLSchema(document)


def valid(text: str, against: etree.XMLSchema) -> bool:
    """Whether a file is valid; raises, saying why, if it is not."""
    against.assertValid(etree.fromstring(text.encode()))
    return True
