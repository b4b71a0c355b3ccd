"""From a page's ink to its picture: rules, stamps, stains, paper, and what a scanner or a phone makes of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.encoders.input import Ink
from htrkit.synth.page_layout import Block
from htrkit.training.backgrounds import laid_over
from htrkit.types import Pixels


def inked(ink: Ink, rng: np.random.Generator) -> Ink:
    """Ink of some darkness, that flows unevenly."""
    flow = cv2.resize(rng.uniform(0.6, 1.0, (8, 6)).astype(np.float32), ink.shape[::-1], interpolation=cv2.INTER_CUBIC)
    dark = ink * np.clip(flow, 0.4, 1.0) * np.float32(rng.uniform(0.4, 1.0))
    return np.asarray(cv2.GaussianBlur(dark, (0, 0), rng.uniform(0.4, 1.0)), np.float32)


def ruled(height: int, width: int, block: Block, rng: np.random.Generator) -> Ink:
    """Rules under a block's lines or anywhere, squares, the columns of a table, a margin; or nothing."""
    drawn = np.zeros((height, width), np.float32)
    dark, thick, kind = float(rng.uniform(0.08, 0.45)), int(rng.integers(1, 3)), rng.random()
    if kind < 0.5:
        step = block.pitch if kind < 0.35 else rng.uniform(18, 45)
        for y in np.arange(block.top + block.size + rng.uniform(-3, 4), height, step):
            cv2.line(drawn, (0, round(y)), (width, round(y)), dark, thick, cv2.LINE_AA)
        for x in np.arange(0, width if kind > 0.42 else 0, step):
            cv2.line(drawn, (round(x), 0), (round(x), height), dark, thick, cv2.LINE_AA)
    if block.kind == "cells" or kind > 0.9:
        for x in (block.left - 4, *rng.uniform(0, width, 3)):
            cv2.line(drawn, (round(x), 0), (round(x), height), float(rng.uniform(0.2, 0.8)), thick, cv2.LINE_AA)
    return drawn


def stamp(height: int, width: int, rng: np.random.Generator) -> Ink:
    """One or two ellipses with a word in them, aslant."""
    drawn = np.zeros((height, width), np.float32)
    at = round(rng.uniform(0.1, 0.9) * width), round(rng.uniform(0.05, 0.9) * height)
    size, dark, flat = rng.uniform(35, 90), float(rng.uniform(0.2, 0.7)), rng.uniform(0.6, 1.0)
    for share in (1.0, 0.7) if rng.random() < 0.7 else (1.0,):
        axes = round(size * share), round(size * share * flat)
        cv2.ellipse(drawn, at, axes, 0, 0, 360, dark, 2, cv2.LINE_AA)
    place = at[0] - round(size * 0.6), at[1] + 4
    cv2.putText(drawn, "ARCHIVES", place, cv2.FONT_HERSHEY_SIMPLEX, size / 120, dark, 1, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D(at, rng.uniform(-30, 30), 1.0)
    return np.asarray(cv2.warpAffine(drawn, turn, (width, height)), np.float32)


def on_paper(dark: Ink, written: Ink, rng: np.random.Generator) -> Pixels:
    """Grey values of a sheet with stains, grain and writing that shines through from its back."""
    height, width = dark.shape
    if rng.random() < 0.3:
        back = np.roll(written[:, ::-1], int(rng.integers(-60, 60)), axis=0)
        back = cv2.GaussianBlur(back, (0, 0), rng.uniform(1.0, 3.0)) * np.float32(rng.uniform(0.05, 0.35))
        dark = laid_over(dark, np.asarray(back, np.float32))
    if rng.random() < 0.5:
        cells = int(rng.integers(3, 12)), int(rng.integers(3, 9))
        stains = cv2.resize(rng.random(cells).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        dark = laid_over(dark, np.clip(stains * 2 - 1, 0, 1) * np.float32(rng.uniform(0.05, 0.35)))
    paper, black = rng.uniform(150, 250), rng.uniform(0, 60)
    grain = rng.standard_normal((height, width), np.float32) * np.float32(rng.uniform(1.0, 7.0))
    return np.asarray(np.clip(paper + (black - paper) * dark + cv2.blur(grain, (2, 1)), 0, 255), np.uint8)


def photographed_page(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, NDArray[np.float64]]:
    """A sheet on a table, seen a little from aside, in bad light; and the (3, 3) map from the sheet to the picture."""
    height, width = pixels.shape
    middle = np.array([width / 2, height / 2])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    inwards = rng.uniform(-0.015, 0.04, (4, 2)) * (width, height) * np.sign(middle - corners)
    seen = (corners + inwards - middle) * (1.0 - rng.uniform(0.0, 0.08)) + middle
    to_picture = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    table = float(rng.choice([0, 10, 60, 110, 230]))
    grey = cv2.warpPerspective(pixels, to_picture, (width, height), borderValue=table).astype(np.float32)
    if rng.random() < 0.5:
        grey *= cv2.resize(rng.uniform(0.45, 1.0, (2, 2)).astype(np.float32), (width, height))
    if rng.random() < 0.4:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.5, 1.6))
    return np.asarray(np.clip(grey, 0, 255), np.uint8), np.asarray(to_picture, np.float64)
