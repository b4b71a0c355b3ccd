"""Pages of handwriting, with the places of their lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from htrkit.encoders.input import Ink
from htrkit.synth.page_layout import Block, lay_out
from htrkit.synth.page_lines import Course, DrawnLine, Write, write_words
from htrkit.synth.page_look import inked, on_paper, photographed_page, ruled, stamp
from htrkit.training.backgrounds import laid_over
from htrkit.types import Pixels

LONG_SIDE = 1400
"""Pixels of a page's longer side."""


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A block of lines, in reading order, and what it is: ``text``, ``margin``, ``heading`` or ``cells``."""

    kind: str
    lines: tuple[DrawnLine, ...]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page and its blocks, in reading order."""

    pixels: Pixels
    blocks: tuple[DrawnBlock, ...]


def draw_page(hand: Callable[[np.random.Generator], Write], rng: np.random.Generator) -> DrawnPage:
    """A page as its generator decides: what it looks like depends on that alone.

    Parameters
    ----------
    hand
        Chooses a hand.
    """
    height, width = LONG_SIDE, round(LONG_SIDE * rng.uniform(0.6, 0.85))
    if rng.random() < 0.2:
        height, width = width, height
    ink = np.zeros((height, width), np.float32)
    planned = lay_out(height, width, rng)
    main, other = hand(rng), hand(rng)
    blocks = []
    for block in planned:
        write = main if block.kind == "text" or rng.random() < 0.6 else other
        if lines := _written(ink, block, write, rng):
            blocks.append(DrawnBlock(block.kind, tuple(lines)))
    dark = np.maximum(inked(ink, rng), ruled(height, width, planned[-1], rng))
    if rng.random() < 0.25:
        dark = laid_over(dark, stamp(height, width, rng))
    page = DrawnPage(on_paper(dark, ink, rng), tuple(blocks))
    return page if rng.random() < 0.35 else _photographed(page, rng)


def _written(ink: Ink, block: Block, write: Write, rng: np.random.Generator) -> list[DrawnLine]:
    """The lines of a block, pressed onto the page."""
    cells = block.kind == "cells"
    left_out = 0.35 if cells else 0.04
    slope, slant = rng.normal(0.0, 0.008), rng.uniform(-0.25, 0.4)
    lines = []
    y = block.top + block.size
    while y < block.top + block.height:
        if rng.random() > left_out:
            ends = rng.random() < 0.15  # a paragraph's last line
            width = block.width * (0.9 if cells else rng.uniform(0.15, 0.8) if ends else rng.uniform(0.85, 1.0))
            x = block.left + (rng.uniform(0.05, 0.2) * block.width if rng.random() < 0.1 else rng.normal(0, 4))
            course = Course(slope, rng.normal(0.0, 0.004) * width, slant)
            at = x, y + rng.normal(0, 0.04) * block.pitch
            if line := write_words(ink, write, at, width, block.size, course, rng):
                lines.append(line)
        y += block.pitch * (1.0 if rng.random() < 0.9 else rng.uniform(1.2, 2.2))
    return lines


def _photographed(page: DrawnPage, rng: np.random.Generator) -> DrawnPage:
    pixels, to_picture = photographed_page(page.pixels, rng)
    scale = float(abs(np.linalg.det(to_picture[:2, :2]))) ** 0.5

    def moved(line: DrawnLine) -> DrawnLine:
        baseline = cv2.perspectiveTransform(line.baseline[None], to_picture)[0]
        return replace(line, baseline=baseline, above=line.above * scale, below=line.below * scale)

    blocks = (DrawnBlock(block.kind, tuple(map(moved, block.lines))) for block in page.blocks)
    return DrawnPage(pixels, tuple(blocks))
