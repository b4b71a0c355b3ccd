"""Image files of every format that htrkit reads, in every mode, size and packing that Pillow can write."""

from __future__ import annotations

import io
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.campaign.mutations import HEIGHT, WIDTH

# Where writing may be in one image of ten: not a pixel, a hair's breadth, as wide as a street, a large page of nothing.
ODD_SIZES = (
    *((1, 1), (2, 2), (3, 3), (1, 50), (50, 1), (3, 100_000), (100_000, 3), (20_000, 40), (40, 20_000), (1000, 3)),
    *((64, 9000), (1500, 1500), (12, 12), (300, 1)),
)
GREY, COLOURS = ("L", "1"), ("L", "LA", "RGB", "RGBA", "P", "1")
FORMATS: dict[str, tuple[tuple[tuple[str, ...], dict[str, Any]], ...]] = {
    "PNG": (((*COLOURS, "I;16", "I"), {}), (COLOURS, {"compress_level": 1}), (COLOURS, {"dpi": (0, 0)})),
    "JPEG": ((("L", "RGB", "CMYK"), {}), (("L", "RGB"), {"progressive": True}), (("L", "RGB"), {"quality": 1})),
    "TIFF": (
        ((*COLOURS, "I;16", "I;16B", "I", "F", "CMYK", "LAB"), {}),
        *((COLOURS, {"compression": packing}) for packing in ("tiff_lzw", "tiff_deflate", "packbits")),
        (("1",), {"compression": "group4"}),
    ),
    "WEBP": ((("L", "RGB", "RGBA"), {}), (("RGB", "RGBA"), {"lossless": True}), (("RGB",), {"quality": 1})),
    "BMP": ((("L", "RGB", "RGBA", "P", "1"), {}),),
    "GIF": ((("L", "P", "RGB", "1"), {}), (GREY, {"interlace": 0}), (GREY, {"transparency": 0})),
    "PPM": ((("L", "RGB", "1", "I;16", "I"), {}),),
    "JPEG2000": ((("L", "LA", "RGB", "RGBA"), {}), (("L",), {"irreversible": True}), (("L",), {"tile_size": (32, 32)})),
}
"""Pillow's modes, and the options that go with them, of each format."""
SEVERAL_PAGES = ("TIFF", "GIF", "WEBP", "PNG")


def image(rng: Random, image_format: str) -> bytes:
    """An image file of a format: bars, of any of its modes, sizes and options; now and then several pages."""
    while True:  # not every format has every size
        modes, fixed = rng.choice(FORMATS[image_format])
        options = dict(fixed)
        if rng.random() < 0.3:
            options["exif"] = _exif(rng)
        if image_format in SEVERAL_PAGES and rng.random() < 0.1:
            options |= {"save_all": True, "append_images": [_bars(rng, "L") for _ in range(rng.randint(1, 3))]}
        file = io.BytesIO()
        try:
            _bars(rng, rng.choice(modes)).save(file, image_format, **options)
        except Exception:
            continue
        return file.getvalue()


def _bars(rng: Random, mode: str) -> Image.Image:
    width, height = rng.choice(ODD_SIZES) if rng.random() < 0.1 else (WIDTH, HEIGHT)
    pixels = np.full((height, width), rng.choice((255, 255, 255, 200, 0)), np.uint8)
    for start in range(0, min(width, 400), 16):
        pixels[:, start : start + 8] = rng.choice((0, 150, 255))
    bars = Image.fromarray(pixels)
    if mode.startswith("I;16"):
        return Image.fromarray(pixels.astype(np.uint16) * 257).convert(mode)
    return bars.convert("RGB").convert(mode) if mode in ("P", "LAB") else bars.convert(mode)


def _exif(rng: Random) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = rng.randint(1, 8)  # the way up
    exif[0x010E] = "a bar" * rng.randrange(40)
    return exif
