"""Draws samples/letter: a letter of two pages, what stands on them in PAGE XML, and both in one PDF.

It needs the fonts of `draw_samples.py`:

    python …/scripts/draw_letter.py node_modules/@fontsource …/samples/letter
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import typer
from draw_samples import FINER, Drawing, Field, noise, strokes, to_grey
from numpy.typing import NDArray
from PIL import Image

from htrkit.geometry import box
from htrkit.pages.xml.write_page import PageXml
from htrkit.types import Page, Place, Region, Run

FONT, SIZE = "cedarville-cursive", 40
WIDTH, HEIGHT = 1100, 1280
LEFT, TOP, PITCH = 110, 150, 80
BASELINE, ABOVE, BELOW = 50, 46, 24
"""Pixels: from the top of a line's picture to its base line, and how far its outline reaches from that."""
INDENT = {"right": 440, "in": 60, "": 0}

# where a line begins, and what stands in it
PAGES = (
    (
        ("right", "Gull Rock, 4 March 1912"),
        ("", "Dear Mary,"),
        ("in", "your letter came with the boat on"),
        ("", "Tuesday, and the wool and the coffee"),
        ("", "with it. The wind has not dropped for"),
        ("", "nine days. I read by the lamp at night"),
        ("", "and hear the sea against the door."),
        ("in", "On Friday a ship came close to the"),
        ("", "rocks. I rang the bell for an hour until"),
        ("", "she turned, and in the morning there was"),
        ("", "nothing left of her but a line of smoke."),
        ("", "Nobody will ever know her name."),
    ),
    (
        ("in", "The garden is under water again. Of"),
        ("", "all that we planted only the cabbage"),
        ("", "stands, and the goat looks at it through"),
        ("", "the window of the shed. She has learnt"),
        ("", "to open the door with her horns, so I"),
        ("", "have put a stone in front of it."),
        ("in", "Please send paper, two candles and"),
        ("", "the book about the stars. When the"),
        ("", "weather turns I shall come over and"),
        ("", "mend your roof as I promised."),
        ("right", "Your brother,"),
        ("right", "Thomas"),
    ),
)


def page(number: int, fonts: Path, folder: Path) -> Page:
    """A page of the letter, and where its lines stand."""
    random = np.random.default_rng(number)
    shape = (HEIGHT, WIDTH)
    ink = np.zeros(shape, np.float32)
    lines = []
    for order, (begin, text) in enumerate(PAGES[number - 1]):
        drawn = cv2.resize(
            strokes(Drawing("letter", text, FONT, SIZE, room=0.1), fonts, random),
            None,
            fx=1 / FINER,
            fy=1 / FINER,
            interpolation=cv2.INTER_AREA,
        )
        left, top = LEFT + INDENT[begin] + int(random.normal(0, 6)), TOP + PITCH * order + int(random.normal(0, 3))
        written = np.flatnonzero(drawn.max(axis=0) > 0.1)[-1] + 1
        rows, columns = drawn.shape[0], min(written, WIDTH - left)
        part = ink[top : top + rows, left : left + columns]
        np.maximum(part, drawn[:, :columns], out=part)
        lines.append((place(order, left, left + int(columns), top + BASELINE), text))
    region = Region("r1", "text", box(LEFT - 30, TOP - 20, WIDTH - 20, TOP + PITCH * len(lines) + 20))
    file = folder / f"page-{number}.jpg"
    return Page(str(file), file, number, paper(ink, random), (region,), tuple(lines))


def place(order: int, left: int, right: int, y: int) -> Place:
    """Where a line with a base line at height ``y`` stands."""
    baseline = ((float(left), float(y)), (float(right), float(y)))
    return Place("", order, box(left, y - ABOVE, right, y + BELOW), baseline, "r1")


def paper(ink: Field, random: np.random.Generator) -> NDArray[np.uint8]:
    """Ink on old paper: uneven, darker along the edges."""
    shape = ink.shape
    ink = ink * (0.78 + 0.12 * noise(shape, 9, random))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    inside = np.minimum(np.minimum(x, WIDTH - x), np.minimum(y, HEIGHT - y))
    sheet = 228 + 3 * noise(shape, 60, random) + 1.5 * noise(shape, 0.6, random) - 30 * np.exp(-inside / 25)
    return to_grey(np.asarray(sheet * (1 - 0.85 * np.clip(ink, 0, 1)), np.float32))


def main(fonts: Path, out: Path) -> None:
    """Draw the letter into a folder, with fonts from that of the @fontsource packages."""
    out.mkdir(parents=True, exist_ok=True)
    pages = [page(number, fonts, out) for number in (1, 2)]
    for one in pages:
        Image.fromarray(one.pixels).save(one.source, quality=80)
        writer = PageXml(Run("", "", when="2026-11-26T00:00:00Z"))
        one.source.with_suffix(".xml").write_text("".join(writer([], one)), encoding="utf-8")
    first, second = (Image.fromarray(one.pixels) for one in pages)
    first.save(out.with_suffix(".pdf"), "PDF", save_all=True, append_images=[second], resolution=150.0)


if __name__ == "__main__":
    typer.run(main)
