"""The source `pdf`, through htrkit's plugin host, on files made here."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from htrkit_pdf.drawer import Drawer
from htrkit_pdf.source import Pdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw

from htrkit import Failed, InputError, Page, Pixels, Source, UsageError, plugins
from htrkit.pages.sources import Sources
from htrkit.testing import check_source


def sheet(number: int = 1, width: int = 600, height: int = 800) -> Image.Image:
    """Paper with as many bars as the page's number."""
    image = Image.new("L", (width, height), 230)
    draw = ImageDraw.Draw(image)
    for bar in range(number):
        draw.rectangle((80, 100 + 60 * bar, width - 80, 130 + 60 * bar), fill=20)
    return image


def save(path: Path, *sheets: Image.Image, resolution: float = 150) -> Path:
    first, *others = sheets
    first.save(path, "PDF", save_all=True, append_images=others, resolution=resolution)
    return path


def pdf(**options: object) -> Source:
    source: Source = plugins.create("source", "pdf", **options)
    return source


def pictures(path: Path, **options: object) -> list[Pixels]:
    pages = list(pdf(**options).pages(path))
    assert all(isinstance(page, Page) for page in pages)
    return [page.pixels for page in pages]


def bars(pixels: Pixels) -> int:
    """How many black bars there are down the middle."""
    dark = (pixels[:, pixels.shape[1] // 2] < 128).astype(int)
    return int((np.diff(dark, prepend=0) == 1).sum())


def test_it_keeps_the_contract_of_sources(tmp_path: Path) -> None:
    check_source(Pdf, save(tmp_path / "letters.pdf", sheet(1), sheet(2)))


def test_a_page_is_drawn_without_those_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(2), sheet(3))
    drawn: list[int] = []
    draw = Drawer.draw
    monkeypatch.setattr(
        Drawer, "draw", lambda self, file, index, dots: drawn.append(index) or draw(self, file, index, dots)
    )
    (page,) = Sources().pages_from(str(path), 3)
    assert isinstance(page, Page)
    assert (page.id, page.number, bars(page.pixels), drawn) == (f"{path}#3", 3, 3, [2])
    assert list(Sources().pages_from(str(path), 4)) == []


def test_a_path_is_seen_from_where_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = pdf()
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        monkeypatch.chdir(tmp_path / str(number))
        save(Path("letter.pdf"), sheet(number))
        (page,) = source.pages(Path("letter.pdf"))
        assert isinstance(page, Page)
        assert bars(page.pixels) == number


def test_files_may_be_read_side_by_side(tmp_path: Path) -> None:
    source = pdf()
    paths = [save(tmp_path / f"{number}.pdf", sheet(number), sheet(number + 3)) for number in (1, 2)]
    found = [page for pair in zip(*map(source.pages, paths), strict=True) for page in pair]
    assert [bars(page.pixels) for page in found if isinstance(page, Page)] == [1, 2, 4, 5]


def test_page_xml_may_describe_a_page_of_it(tmp_path: Path) -> None:
    save(tmp_path / "letters.pdf", sheet(1), sheet(2))
    (tmp_path / "letters#2.xml").write_text(
        '<PcGts><Page imageFilename="letters.pdf" imageWidth="600" imageHeight="800" custom="page {number:2;}"/>'
        "</PcGts>"
    )
    assert Sources().files([tmp_path]) == [str(tmp_path / "letters#2.xml")]
    (page,) = Sources().pages([str(tmp_path / "letters#2.xml")])
    assert isinstance(page, Page)
    assert (page.image_page, bars(page.pixels)) == (2, 2)
    (tmp_path / "far.xml").write_text((tmp_path / "letters#2.xml").read_text().replace("number:2", "number:9"))
    (failed,) = Sources().pages([str(tmp_path / "far.xml")])
    assert isinstance(failed, Failed)
    assert failed.reason == "describes page 9 of letters.pdf, which has 2"


def test_pages_come_in_order_as_large_as_their_scans(tmp_path: Path) -> None:
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(2), sheet(3, 500, 700))
    pages = list(pdf().pages(path))
    assert [(page.id, page.number) for page in pages] == [(f"{path}#{number}", number) for number in (1, 2, 3)]
    assert [page.pixels.shape for page in pages] == [(800, 600), (800, 600), (700, 500)]
    assert [bars(page.pixels) for page in pages] == [1, 2, 3]


def test_a_file_of_one_page_is_called_as_its_file(tmp_path: Path) -> None:
    path = save(tmp_path / "letter.pdf", sheet())
    assert [page.id for page in pdf().pages(path)] == [str(path)]


def test_what_is_no_scan_is_drawn_at_300_dots_an_inch_or_as_many_as_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "lines.pdf"
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(144, 216))  # 2 x 3 inches
        page.Contents = made.make_stream(b"10 150 124 20 re f")
        made.save(path)
    (pixels,) = pictures(path)
    assert pixels.shape == (900, 600)
    assert bars(pixels) == 1
    (pixels,) = pictures(path, resolution=100)
    assert pixels.shape == (300, 200)
    with pytest.raises(UsageError, match="resolution"):
        pdf(resolution=-1)


def test_a_turned_page_is_given_as_people_see_it(tmp_path: Path) -> None:
    upright, turned = save(tmp_path / "upright.pdf", sheet(3)), tmp_path / "turned.pdf"
    with pikepdf.open(upright) as document:
        document.pages[0].rotate(90, relative=True)
        document.save(turned)
    np.testing.assert_allclose(np.rot90(pictures(upright)[0], -1), pictures(turned)[0], atol=8)


def test_a_page_that_cannot_be_drawn_costs_itself_alone(tmp_path: Path) -> None:
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(2), sheet(3))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[1].MediaBox = [0, 0, 14400, 0.0001]
        document.save(path)
    first, second, third = pdf().pages(path)
    assert isinstance(first, Page)
    assert isinstance(second, Failed)
    assert second.id == f"{path}#2"
    assert isinstance(third, Page)
    assert bars(third.pixels) == 3


def test_whatever_a_page_raises_costs_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(2), sheet(3))
    draw = Drawer.draw

    def short_of_memory(self: Drawer, file: Path, index: int, resolution: int) -> Pixels:
        if index == 1:
            raise MemoryError
        return draw(self, file, index, resolution)

    monkeypatch.setattr(Drawer, "draw", short_of_memory)
    first, second, third = Sources().pages([str(path)])
    assert isinstance(first, Page)
    assert isinstance(third, Page)
    assert str(second) == f"{path}#2: the page cannot be drawn: MemoryError"


def test_the_command_itself_does_not_load_what_draws(tmp_path: Path) -> None:
    path = save(tmp_path / "letter.pdf", sheet())
    code = (
        "import sys; from pathlib import Path; from htrkit_pdf.source import Pdf; "
        f"print(len(list(Pdf().pages(Path({str(path)!r})))), 'pypdfium2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["1", "False"]


def bomb(path: Path, page: int) -> None:
    """Makes a page draw a form that draws another ten times, that one another ten times, and so on."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        form = document.make_stream(b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        for _ in range(9):
            inner = Dictionary(XObject=Dictionary(F=form))
            given = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": [0, 0, 9, 9], "Resources": inner}
            form = document.make_stream(b"/F Do " * 10, **given)
        document.pages[page].Resources = Dictionary(XObject=Dictionary(F=form))
        document.pages[page].Contents = document.make_stream(b"/F Do")
        document.save(path)


def test_a_page_that_would_take_all_memory_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htrkit_pdf.drawer.SECONDS", 8.0)
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(2), sheet(3))
    bomb(path, 1)
    first, second, third = Sources().pages([str(path)])
    assert isinstance(first, Page)
    assert isinstance(third, Page)
    assert bars(third.pixels) == 3
    assert str(second).startswith(f"{path}#2: the page cannot be drawn: the process that draws it ")
    assert "\n" not in str(second)


def test_a_scan_that_is_cut_off_is_not_read_as_if_it_were_whole(tmp_path: Path) -> None:
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(2))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        (scan,) = document.pages[0].get_images().values()
        content = scan.read_raw_bytes()
        assert scan.Filter == Name.DCTDecode
        scan.write(content[: len(content) // 2], filter=Name.DCTDecode)
        document.save(path)
    first, second = Sources().pages([str(path)])
    assert isinstance(first, Failed)
    assert "its scan: the image is damaged or cut off" in first.reason
    assert isinstance(second, Page)


def with_password() -> bytes:
    data = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(data, encryption=pikepdf.Encryption(owner="a", user="b"))
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (with_password(), "password"),
        (b"%PDF-1.7\n", "damaged"),
        (b"%PDF-1.7\n" + b"\0" * 4000, "damaged"),
        (b"", "no PDF"),
        (b"no PDF at all", "no PDF"),
    ],
    ids=["password", "header alone", "zeros", "empty", "text"],
)
def test_what_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason) as told:
        list(pdf().pages(path))
    assert str(told.value).startswith(str(path))
    assert "\n" not in str(told.value)


def test_a_file_cut_off_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    content = save(tmp_path / "letters.pdf", sheet(1), sheet(2)).read_bytes()
    cut, source = tmp_path / "cut.pdf", pdf()
    for length in range(0, len(content), max(1, len(content) // 60)):
        cut.write_bytes(content[:length])
        with contextlib.suppress(InputError):
            assert all(isinstance(page, Page | Failed) for page in source.pages(cut))


def test_pages_of_a_giants_size_are_shrunk_and_not_held_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "giant.pdf"
    with pikepdf.new() as made:
        for _ in range(3):
            made.add_blank_page(page_size=(14400, 14400))
        made.save(path)
    sizes = [page.pixels.size for page in pdf().pages(path)]
    assert len(sizes) == 3
    assert all(90_000_000 < size <= 100_100_000 for size in sizes)


def test_the_command_reads_the_pages_of_a_pdf(tmp_path: Path) -> None:
    path = save(tmp_path / "letters.pdf", sheet(1), sheet(1))
    command = [sys.executable, "-m", "htrkit", "recognize", str(path), "--segmenter", "none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [f"{path}#1", f"{path}#2"]
