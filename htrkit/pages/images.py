"""The source of image files: their pages, grey and upright, or a refusal in one sentence."""

from __future__ import annotations

import importlib
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from htrkit.content import content_of
from htrkit.errors import InputError
from htrkit.pages.levels import eight_bits
from htrkit.pages.transparent import on_ground
from htrkit.pixels import check
from htrkit.quoting import first_line
from htrkit.stream import lightened
from htrkit.types import Failed, Line, Page, Pixels

MAX_PIXELS = 100_000_000
"""A page of A3 at 600 dpi has 70 million; a file that claims more is a slip or an attack on the memory."""
MAX_ALL_PAGES = 5 * MAX_PIXELS
"""Of all pages of a file together: they are held in memory at once, a byte each."""
MAX_BYTES = 1 << 30
SWAPPED = (5, 6, 7, 8)
"""Orientations of EXIF whose rows are columns."""
MIN_SIDE = 3
"""Fewer pixels across cannot hold writing."""

# How a file begins -> Pillow's name for the format and the module that reads it. Only these are tried: Pillow knows
# dozens more, some of which start other programs (EPS), and importing all of them costs 50 ms.
FORMATS = (
    (rb"\x89PNG\r\n\x1a\n", "PNG", "PngImagePlugin"),
    (rb"\xff\xd8\xff", "JPEG", "JpegImagePlugin"),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", "TIFF", "TiffImagePlugin"),
    (rb"RIFF....WEBP", "WEBP", "WebPImagePlugin"),
    (rb"BM", "BMP", "BmpImagePlugin"),
    (rb"GIF8[79]a", "GIF", "GifImagePlugin"),
    (rb"P[1-6][\s#]", "PPM", "PpmImagePlugin"),
    (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "JPEG2000", "Jpeg2KImagePlugin"),
)
READABLE = "PNG, JPEG, TIFF, WebP, JPEG 2000, BMP, GIF, PNM"
SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".jp2", ".bmp", ".gif", ".pnm", ".pgm", ".ppm", ".pbm"}
"""What image files in folders end in, in lower case; a file named outright may end in anything."""

OTHERS = (
    (rb"%PDF", "a PDF: the plugin htrkit-pdf reads it; or save its pages as PNG or TIFF"),
    (rb"....ftyp", "a HEIC, AVIF or video file; save it as JPEG or PNG first"),
    (rb"8BPS", "a Photoshop file; save it as PNG or TIFF first"),
    (rb"(\xef\xbb\xbf)?\s*<[?!\w]", "XML or HTML; of these, PAGE and ALTO are read, if their names end in .xml"),
)

# tag NewSubfileType of a TIFF page: bit 0 a smaller copy of another page, bit 2 a mask
SUBFILE_TYPE, NO_PAGE = 254, 0b101


class Images:
    """Image files: PNG, JPEG, TIFF, WebP, JPEG 2000, BMP, GIF, PNM; a TIFF gives each of its pages."""

    def accepts(self, path: Path) -> bool:
        """Whether it is called like an image; one that is called otherwise is read if it is named outright."""
        return path.suffix.lower() in SUFFIXES

    def pages(self, path: Path) -> Iterator[Page | Failed]:
        """The pages, each as `decode_image` gives it: called as the file, or ``path#1``, ``path#2`` if it has several.

        Raises
        ------
        InputError
            If there is no such file, or its only page is refused; the message begins with the path.
        """
        return self.pages_from(path, 1)

    def pages_from(self, path: Path, number: int) -> Iterator[Page | Failed]:
        """As `pages`, from the page of a number on; those before it are not decoded."""
        name = str(path)
        for at, pixels, orientation in _decoded(content_of(path, name, MAX_BYTES), name, number):
            id_ = f"{name}#{at}" if at else name
            if not isinstance(pixels, InputError):
                yield Page(id_, path, at or 1, pixels, orientation=orientation)
            elif at:
                yield Failed(id_, str(pixels).removeprefix(f"{_called(name, at)}: "), lightened(pixels))
            else:
                raise pixels


def read_images(path: str | Path) -> list[Line]:
    """The lines in an image file: one, or one for each page of a multi-page TIFF.

    Parameters
    ----------
    path
        The file. It becomes the line's id; pages get ``path#1``, ``path#2`` and so on.

    Raises
    ------
    InputError
        If there is no such file, or `decode_image` refuses what is in it; the message begins with the path.
    """
    name = str(path) or "''"
    pages = decode_image(content_of(Path(path), name, MAX_BYTES), name)
    if len(pages) == 1:
        return [Line(name, pages[0])]
    return [Line(f"{name}#{number}", pixels) for number, pixels in enumerate(pages, start=1)]


def decode_image(data: bytes, name: str) -> list[Pixels]:
    """The pages of an image file's content, each (height, width) uint8, grey, contiguous, writable.

    Colour becomes luminance, other depths become 8 bits, faint writing, and light ink on transparent ground, becomes
    black on white; other transparent parts show white paper; EXIF orientation is applied. Of a photograph with further
    frames (MPO) the first is taken; a TIFF's thumbnails and masks are left out.

    Parameters
    ----------
    data
        The file's bytes.
    name
        What error messages call it.

    Raises
    ------
    InputError
        If it is empty, no image, damaged or cut off anywhere, an animation, or has too many or too few pixels.
    """
    pages: list[Pixels] = []
    for _, pixels, _ in _decoded(data, name):
        if isinstance(pixels, InputError):
            raise pixels
        pages.append(pixels)
        if sum(page.size for page in pages) > MAX_ALL_PAGES:
            most = MAX_ALL_PAGES // 1_000_000
            raise InputError(f"{name}: its pages together have more than {most} million pixels; split it")
    return pages


def one_line(image: str | Path | Image.Image | NDArray[np.uint8]) -> Line:
    """The line on an image: a file, a Pillow image, or an array of grey (height, width) or RGB (height, width, 3).

    Raises
    ------
    InputError
        If the file cannot be read, or has several pages.
    ShapeError
        If it is another array, or not of uint8.
    """
    if isinstance(image, str | Path):
        lines = read_images(image)
        if len(lines) != 1:
            raise InputError(f"{image} has {len(lines)} pages: give what read_images() returns to recognize()")
        return lines[0]
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8:
        image = Image.fromarray(np.ascontiguousarray(image))
    if isinstance(image, Image.Image):
        image = np.ascontiguousarray(_upright(_grey(image, "image"), orientation_of(image)))
    return Line("image", check(image))


def _decoded(data: bytes, name: str, first: int = 1) -> Iterator[tuple[int, Pixels | InputError, int]]:
    """The pages, or why they are refused, with their numbers, 0 if there is only one, and EXIF orientations."""
    if not data:
        raise InputError(f"{name}: the file is empty")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES >> 30} GiB; cut it into smaller images")
    pillow_format, plugin = _sniff(data, name)
    importlib.import_module(f"PIL.{plugin}")
    with _refusing(name, pillow_format):
        image = Image.open(io.BytesIO(data), formats=(pillow_format,))
        frames = _frames(image, name)
    try:
        for number, frame in enumerate(frames[first - 1 :], start=first if len(frames) > 1 else 0):
            yield number, *_frame(image, frame, _called(name, number), pillow_format)
    finally:
        del image  # a refusal that is kept refers to this frame; what the image was decoded with may take gigabytes


def _frame(image: Image.Image, frame: int, name: str, pillow_format: str) -> tuple[Pixels | InputError, int]:
    try:
        with _refusing(name, pillow_format):
            image.seek(frame)
            return _page(image, name), orientation_of(image)
    except InputError as error:
        return error, 1


def _called(name: str, number: int) -> str:
    return f"{name}: page {number}" if number else name


@contextmanager
def _refusing(name: str, pillow_format: str) -> Iterator[None]:
    """Whatever Pillow says of hostile bytes becomes an InputError."""
    try:
        # Pillow warns of sizes that are refused below, and of harmless slips in metadata
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise InputError(
            f"{name}: claims far more than {MAX_PIXELS // 1_000_000} million pixels; shrink or cut it"
        ) from None
    except UnidentifiedImageError:
        raise InputError(f"{name}: begins like a {pillow_format} image, but its header is damaged") from None
    except Exception as error:  # on hostile bytes Pillow's decoders raise nearly anything
        raise InputError(f"{name}: the image is damaged or cut off ({first_line(error)})") from error


def _sniff(data: bytes, name: str) -> tuple[str, str]:
    for signature, pillow_format, plugin in FORMATS:
        if re.match(signature, data[:16], re.DOTALL):
            return pillow_format, plugin
    for signature, what in OTHERS:
        if re.match(signature, data[:16], re.DOTALL):
            raise InputError(f"{name}: {what}")
    raise InputError(f"{name}: not an image that htrkit reads ({READABLE})")


def _frames(image: Image.Image, name: str) -> list[int]:
    """The frames that are pages."""
    if image.format != "TIFF":
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format in ("GIF", "PNG", "WEBP"):
            raise InputError(f"{name}: an animation of {frames} pictures; save the one to be read by itself")
        return [0]
    pages = [0]
    for frame in count(1):
        try:
            image.seek(frame)
        except EOFError:
            break
        except Exception:  # the way to the next page is damaged: that is said when it is its turn
            return [*pages, frame]
        if not image.tag_v2.get(SUBFILE_TYPE, 0) & NO_PAGE:  # type: ignore[attr-defined]
            pages.append(frame)
    return pages


def _page(image: Image.Image, name: str) -> Pixels:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{name}: {width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million; shrink or cut it"
        )
    if min(width, height) < MIN_SIDE:
        raise InputError(f"{name}: {width} x {height} pixels are too few to hold writing")
    if image.format == "JPEG":
        image.draft("L", None)  # decode the luminance alone: a third of the time and memory
    image.load()
    return np.ascontiguousarray(_upright(_grey(image, name), orientation_of(image)))


def _grey(page: Image.Image, name: str) -> Pixels:
    if page.mode.startswith("I;16") or (page.mode == "I" and page.format == "PPM"):
        return eight_bits(np.array(page).astype(np.uint16))
    if page.mode in ("I", "F"):
        return eight_bits(np.array(page))
    if page.has_transparency_data:
        return on_ground(page)
    if page.mode not in ("1", "L", "P", "RGB"):
        page = page.convert("RGB")
    return eight_bits(np.array(page.convert("L")))


def orientation_of(page: Image.Image) -> int:
    """How a page lies, as its EXIF data say, 1 to 8; 1 is upright."""
    try:
        return int(page.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # the metadata are damaged, not the image
        return 1


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation, 1 to 8; anything else is taken for upright."""
    if orientation in SWAPPED:
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
