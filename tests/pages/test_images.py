from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from htrkit.errors import InputError
from htrkit.pages.images import MAX_PIXELS, decode_image, read_images
from htrkit.types import Pixels
from tests.drawing import save, writing
from tests.pages.files import colour, encoded, png_header

WRITING = writing("Often quick")
RGB = colour(WRITING)

LOSSLESS = {
    "png": encoded(WRITING, "PNG"),
    "png of colour": encoded(RGB, "PNG"),
    "tiff": encoded(WRITING, "TIFF"),
    "tiff with lzw": encoded(WRITING, "TIFF", compression="tiff_lzw"),
    "webp": encoded(RGB, "WEBP", lossless=True),
    "bmp": encoded(WRITING, "BMP"),
    "gif": encoded(WRITING, "GIF"),
    "pgm": encoded(WRITING, "PPM"),
    "ppm": encoded(RGB, "PPM"),
    "jpeg 2000": encoded(WRITING, "JPEG2000"),
}
LOSSY = {
    "jpeg": encoded(RGB, "JPEG", quality=95),
    "jpeg of grey": encoded(WRITING, "JPEG", quality=95),
    "progressive jpeg": encoded(RGB, "JPEG", quality=95, progressive=True),
    "cmyk jpeg": encoded(Image.fromarray(RGB).convert("CMYK"), "JPEG", quality=95),
    "webp": encoded(RGB, "WEBP", quality=95),
    "tiff with jpeg": encoded(RGB, "TIFF", compression="jpeg", quality=95),
}


def one(data: bytes) -> Pixels:
    (pixels,) = decode_image(data, "x")
    return pixels


def furthest(found: Pixels, expected: Pixels) -> int:
    assert found.shape == expected.shape
    return int(np.abs(found.astype(int) - expected).max())


@pytest.mark.parametrize("kind", LOSSLESS)
def test_formats_without_loss_give_the_very_pixels(kind: str) -> None:
    np.testing.assert_array_equal(one(LOSSLESS[kind]), WRITING)


@pytest.mark.parametrize("kind", LOSSY)
def test_formats_with_loss_give_nearly_the_pixels(kind: str) -> None:
    assert furthest(one(LOSSY[kind]), WRITING) < 30
    assert np.abs(one(LOSSY[kind]).astype(int) - WRITING).mean() < 3


@pytest.mark.parametrize("kind", [*LOSSLESS, *LOSSY])
def test_pixels_keep_the_contract(kind: str) -> None:
    pixels = one((LOSSLESS | LOSSY)[kind])
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 2
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable


def test_colour_becomes_luminance() -> None:
    red, green, blue = (np.full((8, 8, 3), 0, np.uint8) for _ in range(3))
    for channel, pixels in enumerate((red, green, blue)):
        pixels[..., channel] = 255
    assert [int(one(encoded(p, "PNG"))[0, 0]) for p in (red, green, blue)] == [76, 150, 29]
    assert furthest(one(encoded(red, "JPEG", quality=95)), np.full((8, 8), 76)) <= 2


@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "PPM"])
def test_16_bits_become_8(image_format: str) -> None:
    deep = WRITING.astype(np.uint16) * 257
    np.testing.assert_array_equal(one(encoded(Image.fromarray(deep), image_format)), WRITING)


def test_16_bits_of_a_big_endian_tiff_become_8() -> None:
    deep = Image.fromarray(WRITING.astype(np.uint16) * 257)
    big_endian = Image.frombytes("I;16B", deep.size, np.asarray(deep).astype(">u2").tobytes())
    np.testing.assert_array_equal(one(encoded(big_endian, "TIFF")), WRITING)


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_32_bits_become_8(kind: type) -> None:
    found = one(encoded(Image.fromarray(WRITING.astype(kind)), "TIFF"))
    assert np.corrcoef(found.ravel(), WRITING.ravel())[0, 1] > 0.999


def test_black_and_white_becomes_0_and_255() -> None:
    bilevel = Image.fromarray(WRITING).point(lambda value: 255 * (value > 140)).convert("1")
    for image_format, options in (("PNG", {}), ("TIFF", {"compression": "group4"}), ("PPM", {})):
        np.testing.assert_array_equal(one(encoded(bilevel, image_format, **options)), 255 * (WRITING > 140))


def test_palettes_give_the_colours_that_they_stand_for() -> None:
    palette = Image.fromarray(RGB).quantize(256)
    assert furthest(one(encoded(palette, "PNG")), np.asarray(palette.convert("L"))) == 0
    assert furthest(one(encoded(palette, "PNG")), WRITING) < 12


def test_transparent_parts_show_white_paper() -> None:
    ink = np.zeros((*WRITING.shape, 4), np.uint8)  # black everywhere, and seen only where there is ink
    ink[..., 3] = 255 - WRITING
    assert furthest(one(encoded(ink, "PNG")), WRITING) <= 1
    assert furthest(one(encoded(ink, "WEBP", lossless=True, exact=True)), WRITING) <= 1
    grey = np.stack([np.zeros_like(WRITING), 255 - WRITING], axis=-1)
    assert furthest(one(encoded(Image.fromarray(grey, "LA"), "PNG")), WRITING) <= 1


def test_a_transparent_colour_shows_white_paper() -> None:
    pixels = np.full((10, 10), 90, np.uint8)
    pixels[3:6] = 20
    expected = np.where(pixels == 90, 255, 20)
    np.testing.assert_array_equal(one(encoded(pixels, "PNG", transparency=90)), expected)
    palette = Image.fromarray(pixels).convert("P")
    np.testing.assert_array_equal(one(encoded(palette, "PNG", transparency=90)), expected)
    np.testing.assert_array_equal(one(encoded(palette, "GIF", transparency=90)), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_exif_orientation_is_undone(image_format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(RGB, image_format, exif=exif)
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert turned.size == ((WRITING.shape[1], WRITING.shape[0]) if orientation < 5 else WRITING.shape)
    assert furthest(one(data), np.asarray(turned.convert("L"))) <= 2
    assert one(data).flags.c_contiguous


def test_damaged_metadata_do_not_matter() -> None:
    data = encoded(RGB, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff\xff\xff")
    assert furthest(one(data), one(encoded(RGB, "JPEG"))) == 0


def test_each_page_of_a_tiff_is_a_line(tmp_path: Path) -> None:
    pages = [writing(word) for word in ("Often", "quick", "brown")]
    first, *others = map(Image.fromarray, pages)
    first.save(tmp_path / "pages.tif", save_all=True, append_images=others)
    lines = read_images(tmp_path / "pages.tif")
    assert [line.id for line in lines] == [f"{tmp_path}/pages.tif#{n}" for n in (1, 2, 3)]
    for line, page in zip(lines, pages, strict=True):
        np.testing.assert_array_equal(line.pixels, page)


def test_a_thumbnail_in_a_tiff_is_no_page() -> None:
    thumbnail = Image.fromarray(WRITING).resize((40, 10))
    marked = {"tiffinfo": {254: 1}}  # marks both, and the first page of a file is a page all the same
    (pixels,) = decode_image(encoded(WRITING, "TIFF", save_all=True, append_images=[thumbnail], **marked), "x")
    np.testing.assert_array_equal(pixels, WRITING)


def test_of_a_photograph_with_further_frames_the_first_is_read() -> None:
    frames = {"save_all": True, "append_images": [Image.fromarray(colour(writing("other")))]}
    assert furthest(one(encoded(RGB, "MPO", quality=95, **frames)), WRITING) < 30


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_refused(image_format: str) -> None:
    frames = [Image.fromarray(255 - RGB), Image.fromarray(RGB)]
    with pytest.raises(InputError, match="x: an animation of 3 pictures"):
        one(encoded(RGB, image_format, save_all=True, append_images=frames))


def test_an_image_file_is_a_line_under_its_path(tmp_path: Path) -> None:
    save(tmp_path / "a b.png", WRITING)
    for path in (tmp_path / "a b.png", str(tmp_path / "a b.png")):
        (line,) = read_images(path)
        assert line.id == str(path)
        np.testing.assert_array_equal(line.pixels, WRITING)


@pytest.mark.parametrize("name", ["x.webp", "x", "x.txt"])
def test_the_content_counts_and_not_the_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(LOSSLESS["png"])
    np.testing.assert_array_equal(read_images(tmp_path / name)[0].pixels, WRITING)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b"Dear Sir,\nI have the honour", "not an image"),
        (b"\0" * 100, "not an image"),
        (b"%PDF-1.7\n", "a PDF: the plugin htrkit-pdf"),
        (b"\0\0\0\x18ftypheic", "a HEIC, AVIF or video file; save it as JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "its header is damaged"),
        (b"\xff\xd8\xff", "its header is damaged"),
        (b"II*\0" + b"\0" * 8, "its header is damaged"),
        (b"P5\n-3 7\n255\n", "damaged"),
        (encoded(WRITING[:1, :1], "PNG"), "1 x 1 pixels are too few"),
        (encoded(WRITING[:2], "PNG"), "pixels are too few"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence_with_its_name(data: bytes, why: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_image(data, "scans/a.png")
    assert str(caught.value).startswith("scans/a.png: ")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [*LOSSLESS, *LOSSY])
def test_an_image_cut_off_is_refused_or_read_whole_and_never_in_part(kind: str) -> None:
    data = (LOSSLESS | LOSSY)[kind]
    whole = one(data)
    lengths = {len(data) - n for n in (1, 2, 3, 8, 13, 21, 60, 200)} | {len(data) * n // 7 for n in range(1, 7)}
    refused = 0
    for length in lengths | set(range(1, 70, 4)):
        try:
            pixels = one(data[:length])
        except InputError:
            refused += 1
        else:
            np.testing.assert_array_equal(pixels, whole)
            assert len(data) - length < 22  # what may be missing are check sums and end marks
    assert refused > len(lengths)


@pytest.mark.parametrize("side", [10_001, 14_000, 30_000])
def test_a_header_that_claims_too_many_pixels_costs_nothing(side: int) -> None:
    data = png_header(side, side)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="more than 100 million"):
            one(data)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_header_that_claims_pixels_it_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match="damaged or cut off"):
        one(png_header(3000, 1000))


def test_pages_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(WRITING, "TIFF", save_all=True, append_images=[Image.fromarray(WRITING)])
    assert len(decode_image(data, "x")) == 2
    monkeypatch.setattr("htrkit.pages.images.MAX_ALL_PAGES", 2 * WRITING.size - 1)
    with pytest.raises(InputError, match="x: its pages together"):
        decode_image(data, "x")


def test_the_limit_lets_a_large_scan_pass() -> None:
    assert MAX_PIXELS >= 9933 * 7016  # A3 at 600 dpi
    page = np.full((2480, 3508), 255, np.uint8)
    assert one(encoded(page, "PNG")).shape == page.shape


def test_what_is_no_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    for name, why in (("none.png", "no such file"), ("folder.png", "a folder"), ("loop.png", "cannot be read")):
        with pytest.raises(InputError, match=why) as caught:
            read_images(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
    with pytest.raises(InputError, match="cannot be read"):
        read_images("a\0.png")


FUZZED = [*LOSSLESS.values(), *LOSSY.values()]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(FUZZED), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_bytes_never_raise_anything_but_a_refusal(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place] = value
    try:
        pages = decode_image(bytes(damaged), "x")
    except InputError as error:
        pages, said = [], str(error)
    else:
        said = "x: "
    assert said.startswith("x: ")
    assert "\n" not in said
    assert all(page.dtype == np.uint8 and page.ndim == 2 for page in pages)
