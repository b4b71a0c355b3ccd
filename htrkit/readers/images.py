"""Image files: which there are, and their pixels, grey and upright; or a refusal in one sentence."""

from __future__ import annotations

import glob
import importlib
import io
import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from htrkit.errors import InputError
from htrkit.files import natural
from htrkit.types import Line, Pixels

MAX_PIXELS = 100_000_000
"""A page of A3 at 600 dpi has 70 million; a file that claims more is a slip or an attack on the memory."""
MAX_ALL_PAGES = 5 * MAX_PIXELS
"""Of all pages of a file together: they are held in memory at once, a byte each."""
MAX_BYTES = 1 << 30
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
    (rb"%PDF", "a PDF; save its pages as PNG or TIFF first"),
    (rb"....ftyp", "a HEIC, AVIF or video file; save it as JPEG or PNG first"),
    (rb"8BPS", "a Photoshop file; save it as PNG or TIFF first"),
)

# tag NewSubfileType of a TIFF page: bit 0 a smaller copy of another page, bit 2 a mask
SUBFILE_TYPE, NO_PAGE = 254, 0b101


def find_images(paths: Iterable[str | Path]) -> list[str]:
    """The image files that ``paths`` mean, in that order.

    Parameters
    ----------
    paths
        A file stands for itself, even if it does not exist: reading it will say so. A folder stands for the images in
        it and below, sorted, hidden ones left out; without any it stands for itself, for the same reason. What does
        not exist and has ``*``, ``?`` or ``[`` in it is a pattern (``**`` for any folders). ``-`` stands for a list of
        paths on standard input, one a line, or separated by null characters.
    """
    found: list[str] = []
    for path in map(str, paths):
        for named in _listed() if path == "-" else [path]:
            # not Path.glob, which takes no absolute pattern
            matches = [] if os.path.lexists(named) else sorted(glob.glob(named, recursive=True))  # noqa: PTH207
            for match in matches or [named]:
                found += (Path(match).is_dir() and images_in(match)) or [match]
    return found


def images_in(folder: str | Path) -> list[str]:
    """The images in a folder and below, sorted folder by folder, hidden ones left out."""
    images = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        images += [Path(root, name) for name in names if not name.startswith(".")]
    return [str(path) for path in sorted(images, key=natural) if path.suffix.lower() in SUFFIXES]


def _listed() -> list[str]:
    """Paths on standard input, as bytes: a file's name need not be text."""
    data = sys.stdin.buffer.read()
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [os.fsdecode(line) for line in lines if line]


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
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        if isinstance(error, OSError) and Path(path).is_dir():
            raise InputError(f"{name}: a folder in which no image can be found") from None
        raise InputError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    pages = decode_image(data, name)
    if len(pages) == 1:
        return [Line(name, pages[0])]
    return [Line(f"{name}#{number}", pixels) for number, pixels in enumerate(pages, start=1)]


def decode_image(data: bytes, name: str) -> list[Pixels]:
    """The pages of an image file's content, each (height, width) uint8, grey, contiguous, writable.

    Colour becomes luminance, 16 bits become 8, transparent parts show white paper, EXIF orientation is applied.
    Of a photograph with further frames (MPO) the first is taken; a TIFF's thumbnails and masks are left out.

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
    if not data:
        raise InputError(f"{name}: the file is empty")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES >> 30} GiB; cut it into smaller images")
    pillow_format, plugin = _sniff(data, name)
    importlib.import_module(f"PIL.{plugin}")
    try:
        # Pillow warns of sizes that are refused below, and of harmless slips in metadata
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=(pillow_format,)) as image:
                return list(_pages(image, name))
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise InputError(
            f"{name}: claims far more than {MAX_PIXELS // 1_000_000} million pixels; shrink or cut it"
        ) from None
    except UnidentifiedImageError:
        raise InputError(f"{name}: begins like a {pillow_format} image, but its header is damaged") from None
    except Exception as error:  # on hostile bytes Pillow's decoders raise nearly anything
        raise InputError(f"{name}: the image is damaged or cut off ({_first_line(error)})") from error


def _sniff(data: bytes, name: str) -> tuple[str, str]:
    for signature, pillow_format, plugin in FORMATS:
        if re.match(signature, data[:16], re.DOTALL):
            return pillow_format, plugin
    for signature, what in OTHERS:
        if re.match(signature, data[:16], re.DOTALL):
            raise InputError(f"{name}: {what}")
    raise InputError(f"{name}: not an image that htrkit reads ({READABLE})")


def _pages(image: Image.Image, name: str) -> Iterator[Pixels]:
    frames = getattr(image, "n_frames", 1)
    if image.format != "TIFF":
        if frames > 1 and image.format in ("GIF", "PNG", "WEBP"):
            raise InputError(f"{name}: an animation of {frames} pictures; save the one to be read by itself")
        frames = 1
    total = 0
    for number in range(frames):
        image.seek(number)
        if number and getattr(image, "tag_v2", {}).get(SUBFILE_TYPE, 0) & NO_PAGE:
            continue
        width, height = image.size
        total += width * height
        if width * height > MAX_PIXELS:
            raise InputError(
                f"{name}: {width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million; shrink or cut it"
            )
        if total > MAX_ALL_PAGES:
            raise InputError(
                f"{name}: its pages together have more than {MAX_ALL_PAGES // 1_000_000} million pixels; split it"
            )
        if min(width, height) < MIN_SIDE:
            raise InputError(f"{name}: {width} x {height} pixels are too few to hold writing")
        if image.format == "JPEG":
            image.draft("L", None)  # decode the luminance alone: a third of the time and memory
        image.load()
        yield np.ascontiguousarray(_upright(_grey(image, name), _orientation(image)))


def _grey(page: Image.Image, name: str) -> Pixels:
    if page.mode.startswith("I;16") or (page.mode == "I" and page.format == "PPM"):
        return (np.array(page).astype(np.uint16) >> 8).astype(np.uint8)
    if page.mode in ("I", "F"):
        raise InputError(f"{name}: has 32 bits a pixel; save it with 8 or 16")
    if page.has_transparency_data:
        page = page.convert("RGBA")
        paper = Image.new("L", page.size, 255)
        paper.paste(page.convert("L"), mask=page.getchannel("A"))
        return np.array(paper)
    if page.mode not in ("1", "L", "P", "RGB"):
        page = page.convert("RGB")
    return np.array(page.convert("L"))


def _orientation(page: Image.Image) -> int:
    try:
        return int(page.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # the metadata are damaged, not the image
        return 1


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation, 1 to 8; anything else is taken for upright."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
