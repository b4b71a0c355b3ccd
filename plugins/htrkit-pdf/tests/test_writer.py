"""The format `pdf`: what other programs find on its pages."""

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from htrkit_pdf.writer import Pdf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from htrkit import Hypothesis, Outline, Page, Place, Result, Run, UsageError, Word, plugins
from htrkit.testing import check_writer

RUN = Run("some-model", "some-decoder")
WIDTH, HEIGHT = 900, 1200


def page() -> Page:
    pixels = np.full((HEIGHT, WIDTH), 230, np.uint8)
    pixels[300:320, 100:800] = 20
    return Page("letter", Path("letter.png"), 1, pixels)


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def result(number: int, text: str, *, turned: bool = False) -> Result:
    """A line of words, from left to right at its number's height; or from top to bottom."""
    words, at = [], 100.0
    for one in text.split():
        end, low = at + 24.0 * len(one), 200.0 + 80 * number
        outline = box(at, low, end, low + 40)
        words.append(Word(one, tuple((HEIGHT - y - 500, x) for x, y in outline) if turned else outline, 0.9))
        at = end + 24
    place = Place("letter", number, box(90, 195 + 80 * number, at, 245 + 80 * number))
    return Result(f"letter:{number}", (Hypothesis(text, 0.0, words=tuple(words)),), place)


def made(results: list[Result], **options: object) -> bytes:
    return b"".join(plugins.create("writer", "pdf", RUN, **options)(iter(results), page()))


def found(data: bytes) -> str:
    """The page's text as PDFium has it."""
    with pypdfium2.PdfDocument(data) as document:
        return str(document[0].get_textpage().get_text_range()).replace("\r\n", "\n")


def pdftotext(data: bytes, *options: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    command = ["pdftotext", *options, "-", "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout.decode()


LINES = [result(0, "Dear Sir, the œuvre"), result(1, "of 3½ £ – ſo 𝔄 „λόγος“")]


def test_its_words_are_found_in_reading_order() -> None:
    assert found(made(LINES)).split() == ["Dear", "Sir,", "the", "œuvre", "of", "3½", "£", "–", "ſo", "𝔄", "„λόγος“"]
    assert found(made(LINES[::-1])).split()[:2] == ["of", "3½"]


def test_another_program_copies_lines_as_they_stand() -> None:
    assert pdftotext(made(LINES)).strip() == "Dear Sir, the œuvre\nof 3½ £ – ſo 𝔄 „λόγος“"


def test_each_word_is_found_where_it_stands() -> None:
    seen = re.findall(
        r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(\S+)</word', pdftotext(made(LINES), "-bbox")
    )
    words = [word for line in LINES for word in line.hypotheses[0].words]
    assert [one[-1] for one in seen] == [word.text for word in words]
    for (*where, _), word in zip(seen, words, strict=True):
        (left, top), (right, _), (_, bottom), _ = word.outline
        x0, y0, x1, y1 = (float(edge) * 300 / 72 for edge in where)
        assert (x0, x1) == pytest.approx((left, right), abs=0.2)
        assert (y0, y1) == pytest.approx((top, bottom), abs=0.2 * (bottom - top))  # how high letters are, readers guess


def test_turned_words_stand_along_their_line() -> None:
    data = made([result(0, "along the edge", turned=True)])
    assert found(data).split() == ["along", "the", "edge"]


def test_it_looks_as_the_page_does() -> None:
    with pypdfium2.PdfDocument(made(LINES)) as document:
        bitmap = document[0].render(scale=300 / 72 * (1 - 1e-6), grayscale=True).to_numpy()
    drawn = bitmap.reshape(bitmap.shape[0], -1)
    assert drawn.shape == (HEIGHT, WIDTH)
    assert np.abs(drawn.astype(int) - page().pixels).max() < 40  # nothing of the text is to be seen


def test_a_line_of_which_only_the_place_is_known_is_found_whole() -> None:
    line = Result("letter:0", (Hypothesis("no boxes here", 0.0),), Place("letter", 0, box(100, 200, 700, 240)))
    assert found(made([line])).strip() == "no boxes here"
    image = Result("letter", (Hypothesis("all of the image", 0.0),))
    assert found(made([image])).strip() == "all of the image"


def test_a_page_without_lines_is_a_picture() -> None:
    assert found(made([])).strip() == ""


def test_it_says_what_made_it_and_how_large_it_is() -> None:
    with pikepdf.open(io.BytesIO(made(LINES, resolution=150))) as document:
        assert "some-model" in str(document.docinfo["/Creator"])
        assert "htrkit" in str(document.docinfo["/Producer"])
        assert [float(edge) for edge in document.pages[0].MediaBox] == [0, 0, WIDTH * 72 / 150, HEIGHT * 72 / 150]
        assert document.check_pdf_syntax() == []


def test_the_same_page_gives_the_same_file() -> None:
    assert made(LINES) == made(LINES)


@pytest.mark.parametrize("options", [{"resolution": 0}, {"quality": 0}, {"quality": 100}])
def test_what_cannot_be_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        plugins.create("writer", "pdf", RUN, **options)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8), max_size=60))
@settings(max_examples=30, deadline=None)
def test_any_character_is_carried(words: list[str]) -> None:
    data = made([result(number % 10, word) for number, word in enumerate(words) if word.split() == [word]])
    kept = {character for word in words if word.split() == [word] for character in word}
    with pikepdf.open(io.BytesIO(data)) as document:
        maps = "".join(font.ToUnicode.read_bytes().decode() for font in document.pages[0].Resources.Font.values())
    told = {bytes.fromhex(code).decode("utf-16-be") for code in re.findall(r"> <([0-9a-f]+)>$", maps, re.MULTILINE)}
    assert kept <= told


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=8, max_size=8))
@settings(max_examples=50, deadline=None)
def test_no_box_breaks_the_file(numbers: list[float]) -> None:
    points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    line = Result("letter:0", (Hypothesis("word", 0.0, words=(Word("word", points),)),), Place("letter", 0, points))
    with pikepdf.open(io.BytesIO(made([line]))) as document:
        assert document.check_pdf_syntax() == []


def test_it_keeps_the_contract_of_writers() -> None:
    check_writer(Pdf)


def test_pages_make_one_file_or_a_file_each(tmp_path: Path) -> None:
    """By the command line: a name that ends in .pdf is one file, a folder holds one a page."""
    tiny_pages(tmp_path)
    command = [sys.executable, "-m", "htrkit", "recognize", "1.png", "2.png", "--segmenter", "none", "--format", "pdf"]
    for output in ("both.pdf", "each"):
        (tmp_path / "each").mkdir(exist_ok=True)
        done = subprocess.run([*command, "--output", output], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout == (tmp_path / "both.pdf").read_bytes()
    with pikepdf.open(tmp_path / "both.pdf") as document:
        assert len(document.pages) == 2
    assert sorted(path.name for path in (tmp_path / "each").iterdir()) == ["1.pdf", "2.pdf"]


def tiny_pages(folder: Path) -> None:
    for number in (1, 2):
        pixels = np.full((64, 300), 235, np.uint8)
        pixels[28:36, 30 : 100 * number] = 20
        Image.fromarray(pixels).save(folder / f"{number}.png")
