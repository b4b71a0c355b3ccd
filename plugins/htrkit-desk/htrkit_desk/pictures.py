"""The picture of a page: its size without decoding it, its pixels, and copies for the browser."""

from __future__ import annotations

import importlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from htrkit import InputError, Page
from htrkit.pages.images import FORMATS, MAX_PIXELS, MIN_SIDE, SWAPPED, orientation_of
from htrkit.quoting import first_line

QUALITY = 82
MAX_PAGES = 5_000
"""Of a TIFF."""
FINEST = 8_192
"""Pixels on the longer side of what the browser gets."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of an upright picture, in pixels; ``pages`` is how many the file has."""

    width: int
    height: int
    orientation: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a page.

    Attributes
    ----------
    file, number
        What the user has: a file, and the number of the page in it, from 1.
    size
        Of the page.
    stored
        The image file that the pixels are in: ``file`` itself unless it has many pages.
    """

    file: Path
    number: int
    size: Size
    stored: Path

    def page(self, id_: str = "") -> Page:
        """A page of the picture's size, whose pixels nobody may need: they take no memory."""
        blank = np.broadcast_to(np.uint8(255), (self.size.height, self.size.width))
        return Page(
            id_ or self.file.name,
            self.file,
            self.number,
            blank,
            image=self.file,
            image_page=self.number,
            orientation=self.size.orientation,
        )


def measure(path: Path) -> Size:
    """The size of an image file, from its header.

    Raises
    ------
    InputError
        If it is no image that htrkit reads, or too large or small; the message does not name the path.
    """
    with _opened(path) as image:
        try:
            width, height = image.size
            orientation = orientation_of(image)
            pages = _pages(image) if image.format == "TIFF" else 1
        except Exception as error:  # on hostile bytes Pillow raises nearly anything
            raise InputError(f"the image is damaged ({first_line(error)})") from error
    if pages > MAX_PAGES:
        raise InputError(f"the image has more than {MAX_PAGES:,} pages")
    if width * height > MAX_PIXELS:
        raise InputError(f"{width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million")
    if min(width, height) < MIN_SIDE:
        raise InputError(f"{width} x {height} pixels are too few to hold writing")
    if orientation in SWAPPED:
        width, height = height, width
    return Size(width, height, orientation, pages)


def _pages(image: Image.Image) -> int:
    """How many pages an image has, counted no further than they may be: a small file may claim millions."""
    for number in range(1, MAX_PAGES + 1):
        try:
            image.seek(number)
        except EOFError:
            return number
    return MAX_PAGES + 1


def scaled(path: Path, width: int | None) -> tuple[bytes, str]:
    """The picture for the browser, upright, in colour if it has any, and no wider than asked for, with its media type.

    Raises
    ------
    InputError
        If it cannot be decoded.
    """
    size = measure(path)
    factor = min(1.0, FINEST / max(size.width, size.height), (width or size.width) / size.width)
    wanted = max(1, round(size.width * factor)), max(1, round(size.height * factor))
    with _opened(path) as image:
        try:
            if image.format == "JPEG":
                image.draft("RGB", wanted[::-1] if size.orientation in SWAPPED else wanted)
            picture = ImageOps.exif_transpose(image)
            if picture.mode not in ("L", "RGB"):
                picture = _flattened(picture)
            picture.thumbnail(wanted, Image.Resampling.BILINEAR, reducing_gap=2.0)
            data = io.BytesIO()
            picture.save(data, "JPEG", quality=QUALITY)
        except Exception as error:  # on hostile bytes Pillow's decoders raise nearly anything
            raise InputError(f"the image is damaged ({first_line(error)})") from error
    return data.getvalue(), "image/jpeg"


def _flattened(picture: Image.Image) -> Image.Image:
    """What is transparent shows white paper; depths of more than 8 bits are brought to 8."""
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, np.float64)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) / max(high - low, 1.0) * 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def _opened(path: Path) -> Image.Image:
    for _, _, module in FORMATS:
        importlib.import_module(f"PIL.{module}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(path, formats=[name for _, name, _ in FORMATS])
    except Image.DecompressionBombError:
        raise InputError(f"claims far more than {MAX_PIXELS // 1_000_000} million pixels") from None
    except OSError as error:
        raise InputError(error.strerror or "not an image that htrkit reads, or damaged") from None
    except Exception as error:  # on hostile bytes Pillow's decoders raise nearly anything
        raise InputError(f"the image is damaged ({first_line(error)})") from error
