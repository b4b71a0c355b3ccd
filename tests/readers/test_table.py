from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.errors import InputError
from htrkit.pages.images import READABLE, read_images
from htrkit.readers import open_samples
from htrkit.readers.table import Table
from htrkit.types import Line, Sample
from tests.drawing import save, save_table, writing

PAGE = np.arange(40 * 60, dtype=np.uint32).astype(np.uint8).reshape(40, 60)


def written(folder: Path, content: str | bytes, name: str = "t.tsv") -> Path:
    save(folder / "page.png", PAGE)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def read(path: Path) -> tuple[list[Sample], str]:
    samples = open_samples([path])
    return list(samples), str(samples.report)


def test_a_table_gives_images_texts_and_groups(tmp_path: Path) -> None:
    path = save_table(tmp_path / "data", ["Often", "a b"], groups={"writer": ["000", "001"], "form": ["x", ""]})
    samples, report = read(path)
    assert [(s.line.id, s.text, s.groups) for s in samples] == [
        (f"{tmp_path}/data/000.png", "Often", {"writer": "000", "form": "x"}),
        (f"{tmp_path}/data/001.png", "a b", {"writer": "001", "form": ""}),
    ]
    np.testing.assert_array_equal(samples[1].line.pixels, writing("a b", seed=1))
    assert report == "2 read, 0 skipped"


def test_boxes_are_half_open_and_the_columns_come_in_any_order(tmp_path: Path) -> None:
    path = written(
        tmp_path, "text\tx1\tx0\ty0\twriter\ty1\timage\na\t60\t10\t0\tw\t40\tpage.png\nb\t2\t1\t3\tv\t4\tpage.png\n"
    )
    samples, _ = read(path)
    np.testing.assert_array_equal(samples[0].line.pixels, PAGE[:, 10:])
    np.testing.assert_array_equal(samples[1].line.pixels, PAGE[3:4, 1:2])
    assert [s.line.id for s in samples] == [f"{tmp_path}/page.png#10,0,60,40", f"{tmp_path}/page.png#1,3,2,4"]
    assert [s.groups for s in samples] == [{"writer": "w"}, {"writer": "v"}]
    assert all(s.line.pixels.flags.c_contiguous and s.line.pixels.base is None for s in samples)


def test_an_empty_box_means_the_whole_image(tmp_path: Path) -> None:
    samples, _ = read(written(tmp_path, "image\ttext\tx0\ty0\tx1\ty1\npage.png\ta\t\t\t\t\n"))
    np.testing.assert_array_equal(samples[0].line.pixels, PAGE)
    assert samples[0].groups == {}


def test_consecutive_rows_of_one_image_decode_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []

    def counted(path: Path) -> list[Line]:
        decoded.append(path.name)
        return read_images(path)

    monkeypatch.setattr("htrkit.readers.samples.read_images", counted)
    rows = "".join(f"page.png\tw\t{x}\t0\t{x + 5}\t9\n" for x in range(9)) + "none.png\tw\t0\t0\t1\t1\n" * 3
    _, report = read(written(tmp_path, "image\ttext\tx0\ty0\tx1\ty1\n" + rows))
    assert decoded == ["page.png"]
    assert report.startswith("9 read, 3 skipped: missing image (3, first: ")


def test_quotes_in_a_tsv_are_ordinary_characters(tmp_path: Path) -> None:
    texts = ['"Often', '"', 'he said "no"', "''", "a,b;c", "back\\slash"]
    path = written(tmp_path, "image\ttext\n" + "".join(f"page.png\t{text}\n" for text in texts))
    assert [s.text for s in read(path)[0]] == texts


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_is_read_with_quotes_and_commas_or_semicolons(tmp_path: Path, separator: str) -> None:
    rows = [["image", "text"], ["page.png", '"a, b; ""c"""'], ["page.png", "d"]]
    path = written(tmp_path, "".join(separator.join(row) + "\r\n" for row in rows), "t.csv")
    assert [s.text for s in read(path)[0]] == ['a, b; "c"', "d"]


def test_a_quote_that_is_never_closed_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, 'image,text\npage.png,a\npage.png,"b\npage.png,c\n', "t.csv")
    samples, report = read(path)
    assert [s.text for s in samples] == ["a"]
    assert report == f"1 read, 1 skipped: quotes that do not fit (unexpected end of data) (1, first: {path}:4)"


def test_byte_order_mark_windows_line_ends_blank_lines_and_a_missing_last_line_end_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbfimage\ttext\r\npage.png\tone\r\n\r\npage.png\ttwo")
    samples, report = read(path)
    assert [s.text for s in samples] == ["one", "two"]
    assert report == "2 read, 0 skipped"


def test_unusual_line_separators_inside_a_text_end_no_row(tmp_path: Path) -> None:
    path = written(tmp_path, "image\ttext\npage.png\ta\u2028b\x0bc\x85d\n")
    assert [s.text for s in read(path)[0]] == ["a b c d"]


def test_everything_that_must_be_skipped_is_skipped_with_its_reason_and_row(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no image")
    rows = [
        "page.png\tgood\t0\t0\t9\t9",
        "page.png\tshort row",
        "page.png\tlong row\t0\t0\t9\t9\tmore",
        "none.png\ta\t0\t0\t9\t9",
        "bad.png\ta\t0\t0\t9\t9",
        "bad.png\tb\t0\t0\t9\t9",
        "page.png\ta\t0\t0\t9\t",
        "page.png\ta\t0\t0\t9.5\t9",
        "page.png\ta\t0\t0\t62\t9",
        "page.png\ta\t0\t-2\t9\t9",
        "page.png\ta\t5\t0\t5\t9",
        "page.png\t  \t0\t0\t9\t9",
        "\ta\t0\t0\t9\t9",
        "page.png\tgood too\t0\t0\t60\t40",
    ]
    path = written(tmp_path, "image\ttext\tx0\ty0\tx1\ty1\n" + "\n".join(rows))
    samples = open_samples([path])
    assert [s.text for s in samples] == ["good", "good too"]
    assert [(kind.reason, kind.count, kind.first) for kind in samples.report.skipped] == [
        ("row with more or fewer cells than the header", 2, f"{path}:3"),
        ("missing image", 2, f"{path}:5: {tmp_path}/none.png"),
        (
            "unreadable image",
            2,
            f"{path}:6: {tmp_path}/bad.png: not an image that htrkit reads ({READABLE})",
        ),
        ("box that is not four whole numbers", 2, f"{path}:8: 0 0 9 "),
        ("box that reaches out of its image", 2, f"{path}:10: 0 0 62 9"),
        ("empty box", 1, f"{path}:12: 5 0 5 9"),
        ("empty text", 1, f"{tmp_path}/page.png#0,0,9,9"),
    ]


def test_columns_may_be_named_in_capitals(tmp_path: Path) -> None:
    samples, _ = read(written(tmp_path, "IMAGE\tText\tX0\tY0\tX1\tY1\tWriter\npage.png\ta\t0\t0\t9\t9\tw\n"))
    assert [(s.text, s.groups, s.line.pixels.shape) for s in samples] == [("a", {"Writer": "w"}, (9, 9))]
    samples, _ = read(written(tmp_path, "image\ttext\tText\npage.png\ta\tprose\n"))
    assert [(s.text, s.groups) for s in samples] == [("a", {"Text": "prose"})]


def test_boxes_of_spreadsheets_and_boxes_a_pixel_too_large_are_taken(tmp_path: Path) -> None:
    rows = "page.png\ta\t0.0\t5.0\t9.0\t1e1\npage.png\tb\t-1\t0\t61\t41\n"
    samples, report = read(written(tmp_path, "image\ttext\tx0\ty0\tx1\ty1\n" + rows))
    assert [s.line.pixels.shape for s in samples] == [(5, 9), (40, 60)]
    assert report == "2 read, 0 skipped"
    rows = "".join(f"page.png\ta\t0\t0\t9\t{side}\n" for side in ("nan", "inf", "1e999", "9,0", "0x9", "9" * 5000))
    _, report = read(written(tmp_path, "image\ttext\tx0\ty0\tx1\ty1\n" + rows))
    assert report.startswith("0 read, 6 skipped: box that is not four whole numbers (")


@pytest.mark.parametrize("name", ["n" * 300, "n" * 5000, "a\0b", "page.png/x"])
def test_a_path_that_no_system_allows_costs_its_row(tmp_path: Path, name: str) -> None:
    samples, report = read(written(tmp_path, f"image\ttext\n{name}\ta\npage.png\tb\n"))
    assert [s.text for s in samples] == ["b"]
    assert report.startswith("1 read, 1 skipped: missing image (1, first: ")


def test_an_image_of_several_pages_is_skipped(tmp_path: Path) -> None:
    from PIL import Image

    page = Image.fromarray(PAGE)
    page.save(tmp_path / "two.tif", save_all=True, append_images=[page])
    _, report = read(written(tmp_path, "image\ttext\ntwo.tif\ta\n"))
    assert report.startswith("0 read, 1 skipped: image with several pages (1, first: ")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "page.png\ta",
        "image,text",
        "Image\tText\tTEXT",
        "image\ttext\timage",
        "image\ttext\tx0\ty0\tx1",
        "text\tx0\ty0\tx1\ty1",
    ],
)
def test_a_wrong_header_is_refused_and_shown(tmp_path: Path, header: str) -> None:
    path = written(tmp_path, header + "\npage.png\ta\n" if header else "")
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: the first line must name the columns")
    assert str(caught.value).endswith(f"it names: {header.replace(chr(9), ', ') or 'nothing'}")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "image\ttext\npage.png\tf\u00fcr\n".encode(encoding))
    with pytest.raises(InputError, match=r"t\.tsv: not UTF-8 \(line \d+, byte \d+\); save it as UTF-8"):
        read(path)


def test_it_accepts_files_that_are_called_tables(tmp_path: Path) -> None:
    for name, expected in (("t.tsv", True), ("t.CSV", True), ("t.txt", False)):
        assert Table().accepts(written(tmp_path, "", name)) is expected
    (tmp_path / "folder.tsv").mkdir()
    assert not Table().accepts(tmp_path / "folder.tsv")


LINE_OF_TABLE = st.text(st.sampled_from("ab\t,;\"'\r \\.0-9x\u0301\u2028"), max_size=20) | st.just(
    "page.png\ta\t0\t0\t9\t9"
)


@settings(deadline=None, max_examples=150)
@given(st.lists(LINE_OF_TABLE, max_size=8), st.sampled_from(["t.tsv", "t.csv"]))
def test_every_row_is_read_or_skipped_and_nothing_raises(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], name: str
) -> None:
    folder = tmp_path_factory.mktemp("t")
    separator = "\t" if name == "t.tsv" else ","
    header = separator.join(["image", "text", "x0", "y0", "x1", "y1"])
    samples = open_samples([written(folder, "\n".join([header, *rows]), name)])
    count = len(list(samples))
    report = samples.report
    assert report.read == count
    if name == "t.tsv":
        assert count + sum(kind.count for kind in report.skipped) == sum(
            bool(line) for row in rows for line in row.split("\r")
        )


def test_real_tables_are_read_whole(shared_data: Path) -> None:
    words = open_samples([shared_data / "iam-lines/valid.words.tsv"])
    assert sum(1 for _ in words) == 4103
    assert str(words.report) == "4103 read, 0 skipped"
    first = next(iter(open_samples([shared_data / "hooker-lines/valid.tsv"])))
    assert first.groups == {"page": "JDH_2_16_144_002"}
