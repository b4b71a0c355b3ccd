"""Lines and pages of writing, plain and odd, drawn to try components on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from htrkit.types import Line, Page, Pixels, Place, Region

PAPER, INK = 225, 40
HEIGHT = 64


def writing(text: str = "Written by hand") -> Pixels:
    """(64, width) a line of writing, a fifth of the height free around the ink."""
    font, scale, pen = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, 2
    (width, _), _ = cv2.getTextSize(text, font, scale, pen)
    pixels = np.full((HEIGHT, width + 30), PAPER, np.uint8)
    cv2.putText(pixels, text, (15, 44), font, scale, INK, pen, cv2.LINE_AA)
    return pixels


def plain_line() -> Line:
    """A clear line that stands somewhere on a page."""
    pixels = writing()
    width = pixels.shape[1]
    outline = ((50.0, 100.0), (50.0 + width, 100.0), (50.0 + width, 164.0), (50.0, 164.0))
    return Line("page.png:3", pixels, Place("page.png", 2, outline), ((1.0, 0.0, 50.0), (0.0, 1.0, 100.0)))


def odd_lines() -> Iterator[tuple[str, Line]]:
    """What comes from archives, and what comes from mistakes, each with what it is."""
    plain = writing()
    grain = np.random.default_rng(0).integers(0, 256, plain.shape, np.uint8)
    for what, pixels in (
        ("blank paper", np.full_like(plain, 255)),
        ("black paper", np.zeros_like(plain)),
        ("a faint line", 200 + plain // 8),
        ("light ink on dark paper", 255 - plain),
        ("noise", grain),
        ("one pixel", np.full((1, 1), 90, np.uint8)),
        ("one row", plain[30:31, :60]),
        ("one column", plain[:, 40:41]),
        ("a thumbnail", plain[::8, ::8]),
        ("a very long line", np.tile(plain, (1, 12))),
        ("two lines", np.tile(plain, (2, 1))),
    ):
        yield what, Line(what, np.ascontiguousarray(pixels))


def pages() -> Iterator[tuple[str, Page]]:
    """A page of three lines, the same with its lines known, and odd ones, each with what it is."""
    written = np.full((3 * 90 + 60, 400), PAPER, np.uint8)
    for number, text in enumerate(("Written by hand", "in three lines", "on one page")):
        line = writing(text)
        written[30 + 90 * number :][:HEIGHT, 40 : 40 + line.shape[1]] = line
    region = Region("r1", "text", ((20.0, 10.0), (380.0, 10.0), (380.0, 320.0), (20.0, 320.0)))
    outline = ((40.0, 30.0), (360.0, 30.0), (360.0, 94.0), (40.0, 94.0))
    place = Place("page.png", 0, outline, ((40.0, 74.0), (360.0, 74.0)), "r1")
    yield "a page of three lines", Page("page.png", Path("page.png"), 1, written)
    known = ((place, "Written by hand"),)
    yield "a page whose lines are known", Page("page.png", Path("page.png"), 1, written, (region,), known)
    for what, pixels in (
        ("blank paper", np.full((300, 200), 255, np.uint8)),
        ("one pixel", np.zeros((1, 1), np.uint8)),
        ("a long strip", np.ascontiguousarray(written[:, :20])),
        ("noise", np.random.default_rng(0).integers(0, 256, (200, 150), np.uint8)),
    ):
        yield what, Page(f"{what}#2", Path(what), 2, pixels)
