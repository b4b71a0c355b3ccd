"""XML beside its picture: what is read, and what is refused in one sentence, whatever the file holds."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit.errors import InputError
from htrkit.pages.sources import Sources
from htrkit.pages.xml.source import Xml
from htrkit.testing import check_source
from htrkit.types import Failed, Page
from tests.drawing import save
from tests.pages.xml.drawn import HEIGHT, WIDTH, alto_xml, line_xml, page_xml, read, region_xml
from tests.time_limits import processor_time_within

PAPER = np.full((HEIGHT, WIDTH), 255, np.uint8)
BILLION = (
    '<!DOCTYPE PcGts [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def refused(folder: Path, text: str | bytes) -> str:
    """Why a file is refused, without its path."""
    with pytest.raises(InputError) as caught:
        read(folder, text)
    said = str(caught.value)
    assert said.startswith(f"{folder / 'page.xml'}: ")
    assert "\n" not in said
    return said.removeprefix(f"{folder / 'page.xml'}: ")


@pytest.mark.parametrize("text", [page_xml(region_xml(line_xml("é"))), alto_xml("<TextBlock ID='r1'/>")])
def test_it_is_a_source(tmp_path: Path, text: str) -> None:
    read(tmp_path, text)
    check_source(Xml, tmp_path / "page.xml")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "not well-formed XML"),
        (b"scribble", "not well-formed XML"),
        (page_xml(region_xml())[:-9], "not well-formed XML"),
        ('<?xml version="1.0" encoding="rot13"?><PcGts/>', "not well-formed XML"),
        (b"<PcGts>\xff\xfe</PcGts>", "not well-formed XML"),
        ("<a>" * 300 + "</a>" * 300, "not well-formed XML (Excessive depth"),
        (page_xml("&nbsp;"), "not well-formed XML (Entity 'nbsp' not defined"),
        (BILLION + page_xml(region_xml(line_xml("&i;"))), "declares a document type, which neither PAGE nor ALTO does"),
        (f'<!DOCTYPE PcGts SYSTEM "http://127.0.0.1:9/x.dtd">{page_xml("")}', "declares a document type"),
        ((BILLION + page_xml("")).encode("utf-16"), "declares a document type"),
        ("<document/>", "its root is document, which is neither PAGE nor ALTO"),
        ('<PcGts xmlns="urn:nobody"><Page/></PcGts>', "urn:nobody is no namespace of PAGE"),
        ('<alto xmlns="urn:nobody"><Layout/></alto>', "urn:nobody is no namespace of ALTO"),
        ("<PcGts/>", "holds no Page"),
        ("<alto><Layout/></alto>", "holds no Page"),
        (page_xml("", imageFilename="other.png"), "its image other.png is not beside it"),
        (page_xml("", imageFilename=".."), "its image"),
        (page_xml("", imageFilename="page.xml"), "its image page.xml is not beside it"),
        ("<" * 8_000_001, "far larger than the description of a page"),
        ("<a " + "b='' " * 8_000_001, "far larger than the description of a page"),
        (b" " * ((1 << 27) + 1), "far larger than the description of a page"),
        (alto_xml("", unit="mm10", page=""), "measures in mm10, and does not say how large the page is"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, why: str) -> None:
    path = tmp_path / "page.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if "is not beside it" not in why and why != "its image":
        save(tmp_path / "page.png", PAPER)
    with pytest.raises(InputError) as caught:
        list(Xml().pages(path))
    assert str(caught.value).startswith(f"{path}: {why}")
    assert "\n" not in str(caught.value)
    (failed,) = Sources("xml").pages([str(path)])
    assert isinstance(failed, Failed)
    assert failed.reason.startswith(why)


def test_entities_of_files_on_this_machine_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    declared = f'<!DOCTYPE PcGts [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    assert "document type" in refused(tmp_path, declared + page_xml(region_xml(line_xml("&x;"))))
    included = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/>'
    page = read(tmp_path, page_xml(region_xml(line_xml(included))))
    assert [text for _, text in page.lines] == [""]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "/tmp/../secret.png",
        "..\\secret.png",
        "file:///secret.png",
        "sub/../../secret.png",
        "%2e%2e%2fsecret.png",
    ],
)
def test_an_image_elsewhere_is_not_read(tmp_path: Path, name: str) -> None:
    save(tmp_path / "secret.png", PAPER)
    save(tmp_path / "scans" / "page.png", PAPER)
    (tmp_path / "scans" / "secret.xml").write_text(page_xml("", imageFilename=name))
    with pytest.raises(InputError, match=r"secret\.png is not beside it"):
        list(Xml().pages(tmp_path / "scans" / "secret.xml"))


def test_of_the_name_of_an_image_the_last_part_counts(tmp_path: Path) -> None:
    for name in ("C:\\scans\\page.png", "https://archive.org/iiif/page.png", "images/p%61ge.png", " page.png"):
        assert read(tmp_path, page_xml("", imageFilename=name)).image == tmp_path / "page.png"


def test_an_image_of_the_files_own_name_is_taken_if_the_named_one_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path, page_xml("", imageFilename="0001.tif")).image == tmp_path / "page.png"
    assert read(tmp_path, page_xml("", imageFilename="")).image == tmp_path / "page.png"


def test_a_folder_page_has_its_images_above(tmp_path: Path) -> None:
    save(tmp_path / "scan.png", PAPER)
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "scan.xml").write_text(page_xml(region_xml(line_xml()), imageFilename="scan.png"))
    assert Sources().files([tmp_path]) == [str(tmp_path / "page" / "scan.xml")]
    (page,) = Xml().pages(tmp_path / "page" / "scan.xml")
    assert len(page.lines) == 1


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert refused(tmp_path, page_xml("")).startswith(f"its image {tmp_path / 'page.png'}: ")


def test_files_in_a_folder_are_known_by_how_they_begin(tmp_path: Path) -> None:
    (tmp_path / "mets.xml").write_text("<mets/>")
    (tmp_path / "wide.xml").write_bytes(page_xml("").encode("utf-16"))
    (tmp_path / "prefixed.xml").write_text('<pc:PcGts xmlns:pc="x"/>')
    (tmp_path / "alto.XML").write_text(alto_xml(""))
    (tmp_path / "page.txt").write_text(page_xml(""))
    assert {file.name for file in tmp_path.iterdir() if Xml().accepts(file)} == {"wide.xml", "prefixed.xml", "alto.XML"}
    assert not Xml().accepts(tmp_path / "nothing.xml")


def test_encodings_and_prefixes_do_not_matter(tmp_path: Path) -> None:
    text = page_xml(region_xml(line_xml("é")))
    assert read(tmp_path, text.encode("utf-16")).lines[0][1] == "é"
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?>' + text
    assert read(tmp_path, latin.encode("latin-1")).lines[0][1] == "é"
    prefixed = (
        text.replace("</", "</pc:").replace("<", "<pc:").replace("<pc:/pc:", "</pc:").replace("xmlns=", "xmlns:pc=")
    )
    assert read(tmp_path, prefixed).lines[0][1] == "é"


def test_a_page_is_read_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(tmp_path / f"{name}.png", PAPER)
    (tmp_path / "a.xml").write_text(page_xml(region_xml(line_xml()), imageFilename="a.png"))
    files = [str(tmp_path / "a.xml"), str(tmp_path / "b.png")]
    assert Sources().files([tmp_path]) == files
    assert Sources().files(sorted(tmp_path.iterdir(), reverse=True)) == files[::-1]
    assert Sources("images").files([tmp_path]) == [str(tmp_path / "a.png"), str(tmp_path / "b.png")]


def test_pages_of_one_image_file(tmp_path: Path) -> None:
    grey = [np.full((HEIGHT, WIDTH), value, np.uint8) for value in (10, 20, 30)]
    first, *others = map(Image.fromarray, grey)
    first.save(tmp_path / "scan.tif", save_all=True, append_images=others)
    name = {"imageFilename": "scan.tif"}
    (tmp_path / "a.xml").write_text(page_xml("", custom="page {number:2;}", **name))
    (page,) = Xml().pages(tmp_path / "a.xml")
    assert (page.pixels[0, 0], page.number, page.image_page) == (20, 1, 2)
    (tmp_path / "b.xml").write_text(page_xml("", custom="page {number:7;}", **name))
    with pytest.raises(InputError, match=r"b\.xml: describes page 7 of scan\.tif, which has 3"):
        list(Xml().pages(tmp_path / "b.xml"))
    three = '<Page ID="p" PHYSICAL_IMG_NR="5"/>' * 3
    (tmp_path / "c.xml").write_text(
        "<alto><Description><sourceImageInformation><fileName>scan.tif</fileName></sourceImageInformation>"
        f"</Description><Layout>{three}</Layout></alto>"
    )
    pages = list(Xml().pages(tmp_path / "c.xml"))
    assert [(page.id, page.pixels[0, 0]) for page in pages] == [
        (f"{tmp_path / 'c.xml'}#{number}", value) for number, value in ((1, 10), (2, 20), (3, 30))
    ]


def test_the_number_of_a_page_in_a_book_does_not_matter(tmp_path: Path) -> None:
    text = alto_xml("").replace('PHYSICAL_IMG_NR="0"', 'PHYSICAL_IMG_NR="117"')
    assert read(tmp_path, text).image_page == 1


def test_fifty_thousand_lines_are_read_in_a_moment(tmp_path: Path) -> None:
    outline = " ".join(f"{x},{10 + x % 7}" for x in range(0, 100, 5)) + " 100,30 0,30"
    text = page_xml(region_xml(*(line_xml("line", id_=f"l{number}", points=outline) for number in range(50_000))))
    with processor_time_within(30.0):
        page = read(tmp_path, text)
    assert len(page.lines) == 50_000


def test_regions_within_regions_to_any_depth(tmp_path: Path) -> None:
    text = line_xml("deepest")
    for depth in range(200):
        text = region_xml(text, id_=f"r{depth}")
    page = read(tmp_path, page_xml(text))
    assert [text for _, text in page.lines] == ["deepest"]
    assert isinstance(page, Page)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("written", ["Müller &amp; Söhne.png", "M&#252;ller &#38; S&#xF6;hne.png"])
def test_a_page_is_read_once_however_its_name_is_written(tmp_path: Path, written: str, encoding: str) -> None:
    save(tmp_path / "Müller & Söhne.png", PAPER)
    text = page_xml(region_xml(line_xml("é"))).replace('imageFilename="page.png"', f'imageFilename="{written}"')
    text = text[text.index("<PcGts") :].replace("<Page", '<!-- imageFilename="none.png" --><Page', 1)
    (tmp_path / "p.xml").write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding))
    assert Sources().files([tmp_path]) == [str(tmp_path / "p.xml")]
    (page,) = Xml().pages(tmp_path / "p.xml")
    assert isinstance(page, Page)
    assert page.image == tmp_path / "Müller & Söhne.png"


def test_accents_may_be_written_apart_from_their_letters(tmp_path: Path) -> None:
    save(tmp_path / unicodedata.normalize("NFD", "Müller.png"), PAPER)
    text = page_xml(region_xml(line_xml("é"))).replace("page.png", "Müller.png")
    (tmp_path / "p.xml").write_text(text, encoding="utf-8")
    assert Sources().files([tmp_path]) == [str(tmp_path / "p.xml")]
    assert [type(page) for page in Xml().pages(tmp_path / "p.xml")] == [Page]
