"""Image files of every kind, made in memory for the readers' tests."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

from htrkit.types import Pixels


def encoded(pixels: Pixels | Image.Image, image_format: str, **options: Any) -> bytes:
    """An image file's content."""
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, image_format, **options)
    return file.getvalue()


def colour(pixels: Pixels) -> Pixels:
    """Grey pixels as (height, width, 3)."""
    return np.stack([pixels] * 3, axis=-1)


def png_header(width: int, height: int) -> bytes:
    """A PNG file that says how large it is, and has no pixels."""
    body = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", body), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
