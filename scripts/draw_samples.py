"""Draws the images of samples/ from handwriting fonts, so that they look like pen on paper.

The fonts are npm packages and are not part of this project:

    cd "$(mktemp -d)"
    npm install @fontsource/caveat @fontsource/cedarville-cursive @fontsource/reenie-beanie
    python …/scripts/draw_samples.py node_modules/@fontsource …/samples

A font repeats each letter exactly; here no two letters are alike, because the strokes are bent, thinned and thickened
by smooth random fields. Fields are seeded by the text, so a second run gives the same images.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Field = NDArray[np.float32]

# Strokes are drawn this many times larger than the image, so that they end up smooth.
FINER = 4


@dataclass(frozen=True, slots=True)
class Drawing:
    """One sample: what stands on it and how it looks.

    Attributes
    ----------
    font
        The font's package name.
    size
        Font size in pixels.
    slant
        Horizontal shift a pixel of height; negative leans to the right.
    look
        ``paper``, ``dark`` (chalk on a board) or ``photograph`` (a shadow across the page, uneven light, noise).
    back
        What stands on the back of the page and shows through.
    room
        The canvas is wider by this share of the text, for words that stand far from each other.
    """

    name: str
    text: str
    font: str
    size: int
    slant: float = 0.0
    look: str = "paper"
    back: str = ""
    room: float = 0.0


DRAWINGS = (
    Drawing("word", "garden", "caveat", 56, slant=-0.05),
    Drawing("joined", "letter", "cedarville-cursive", 46),
    Drawing("capital", "London", "reenie-beanie", 62),
    Drawing("comma", "Tuesday,", "caveat", 54, slant=-0.12),
    Drawing("number", "1912", "caveat", 54),
    Drawing("chalk", "school", "reenie-beanie", 62, look="dark"),
    Drawing("shadow", "window", "caveat", 56, look="photograph"),
    Drawing("bleed", "harbour", "caveat", 56, back="yesterday"),
    Drawing("line", "The letter came on Tuesday morning.", "cedarville-cursive", 44),
)


def draw(drawing: Drawing, fonts: Path) -> NDArray[np.uint8]:
    """The image of a sample, (height, width) grey."""
    random = np.random.default_rng([ord(character) for character in drawing.name + drawing.text])
    ink = strokes(drawing, fonts, random)
    small = cv2.resize(ink, None, fx=1 / FINER, fy=1 / FINER, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    # A pen gives more ink in some places than in others.
    small *= 0.78 + 0.16 * noise((height, width), 9, random)
    if drawing.look == "dark":
        chalk = small * np.clip(0.8 + 0.35 * noise((height, width), 0.7, random), 0, 1)
        board = 52 + 7 * noise((height, width), 20, random) + 2.5 * noise((height, width), 0.6, random)
        return to_grey(board + chalk * (222 - board))
    paper = 232 + 3 * noise((height, width), 25, random) + 1.8 * noise((height, width), 0.6, random)
    page = paper * (1 - 0.88 * np.clip(small, 0, 1))
    if drawing.back:
        back = Drawing(drawing.name, drawing.back, drawing.font, drawing.size)
        shown = cv2.resize(strokes(back, fonts, random)[:, ::-1], (width, height), interpolation=cv2.INTER_AREA)
        # Paper blurs what shows through it.
        page *= 1 - 0.34 * cv2.GaussianBlur(shown, (0, 0), 1.2)
    if drawing.look == "photograph":
        page = cv2.GaussianBlur(page * light(height, width), (0, 0), 0.7)
        page += 3.5 * random.standard_normal((height, width))
    return to_grey(page)


def strokes(drawing: Drawing, fonts: Path, random: np.random.Generator) -> Field:
    """How much ink lies where, 0 to 1, on a canvas `FINER` times the image."""
    files = sorted((fonts / drawing.font / "files").glob(f"{drawing.font}-latin-400-normal.woff"))
    if not files:
        sys.exit(f"no font {drawing.font} in {fonts}; the head of {__file__} says how to install it")
    size = drawing.size * FINER
    font = ImageFont.truetype(str(files[0]), size)
    margin = int(size * 0.28)
    left, top, right, bottom = font.getbbox(drawing.text)
    extra = int((bottom - top) * abs(drawing.slant))
    canvas = Image.new(
        "L", (int((right - left) * (1 + drawing.room)) + 2 * margin + extra, int(bottom - top) + 2 * margin)
    )
    pen = ImageDraw.Draw(canvas)
    x = margin - left + (extra if drawing.slant > 0 else 0)
    for word in drawing.text.split(" "):
        # Each word stands a little off the line; within a word the letters keep their joins.
        off = random.normal(0, 0.018) * size if " " in drawing.text else 0.0
        pen.text((x, margin - top + off), word, font=font, fill=255)
        x += font.getlength(word + " ") * random.uniform(0.94, 1.1)
    return bent((np.asarray(canvas) / 255).astype(np.float32), drawing, random)


def bent(ink: Field, drawing: Drawing, random: np.random.Generator) -> Field:
    """The strokes slanted, bent by smooth random fields, and of uneven thickness."""
    height, width = ink.shape
    size = drawing.size * FINER
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = x + (height / 2 - y) * drawing.slant
    across += bend(ink.shape, size, random)
    down = y + bend(ink.shape, size, random)
    ink = cv2.remap(ink, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR)
    # Signed distance to the stroke's edge, moved in and out: a pen pressed harder here and lighter there.
    inside = cv2.distanceTransform((ink > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((ink <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    edge = inside - outside + 0.006 * size * noise(ink.shape, 0.2 * size, random)
    return np.asarray(np.clip(edge / FINER + 0.5, 0, 1), dtype=np.float32)


def bend(shape: tuple[int, ...], size: int, random: np.random.Generator) -> Field:
    """By how many pixels strokes of a font size stray: gently over a letter, a little within it."""
    strayed = 0.024 * noise(shape, 0.29 * size, random) + 0.006 * noise(shape, 0.08 * size, random)
    return np.asarray(size * strayed, dtype=np.float32)


def noise(shape: tuple[int, ...], smooth: float, random: np.random.Generator) -> Field:
    """A random field of mean 0 and deviation 1, smooth over about ``smooth`` pixels."""
    shrink = max(1.0, smooth / 3)
    small = random.standard_normal((int(shape[0] / shrink) + 8, int(shape[1] / shrink) + 8)).astype(np.float32)
    field = cv2.GaussianBlur(small, (0, 0), smooth / shrink)
    field = cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def light(height: int, width: int) -> Field:
    """Light on a photographed page: falling off to one side, with the soft edge of a shadow across it."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    fall = 1.02 - 0.22 * x / width
    shadow = 1 / (1 + np.exp((x + 0.5 * y - 0.62 * width) / (0.03 * width)))
    return np.asarray(fall * (0.58 + 0.42 * shadow), dtype=np.float32)


def to_grey(values: Field) -> NDArray[np.uint8]:
    """Values rounded and cut to 0..255."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def main(fonts: Path, out: Path) -> None:
    """Draw every sample, with its text in a file beside it, from the folder of the @fontsource packages."""
    out.mkdir(parents=True, exist_ok=True)
    for drawing in DRAWINGS:
        cv2.imwrite(str(out / f"{drawing.name}.png"), draw(drawing, fonts))
        (out / f"{drawing.name}.gt.txt").write_text(drawing.text + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
