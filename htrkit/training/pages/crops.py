"""Crops of pages as scanners and phones might have seen them, with their targets."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.pages.lines.maps import LONG_SIDE
from htrkit.training.pages.targets import Maps, target_maps
from htrkit.training.pages.truth import PageTruth
from htrkit.types import Pixels

Matrix = NDArray[np.float64]
Grey = NDArray[np.float32]


TURNS = (1, 2, 2, 3)
"""By 90 degrees each: writing that is upside down is the hardest to tell from upright writing."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How far a crop may differ from its page; shares are probabilities.

    Attributes
    ----------
    scale
        The smallest and the largest.
    turn, shear, perspective
        Degrees; columns a row; the largest change of the scale within a crop. Up to about twice as much may be drawn.
    turned
        Share of the crops that are turned by `TURNS`, on which there is nothing to be found.
    """

    scale: tuple[float, float] = (0.7, 1.4)
    turn: float = 3.0
    shear: float = 0.06
    perspective: float = 0.08
    turned: float = 0.12


def draw_crop(page: PageTruth, size: int, rng: np.random.Generator, vary: Variation | None = None) -> tuple[Grey, Maps]:
    """Ink, (size, size, 1) from 0 to 1, and its targets, from somewhere on the page."""
    vary = vary or Variation()
    to_crop = _placed(page, size, rng, vary)
    pixels = _looked_at(page.pixels, to_crop, size, rng)
    maps = target_maps(page, to_crop, size, size)
    if rng.random() < vary.turned:
        pixels = np.ascontiguousarray(np.rot90(pixels, int(rng.choice(TURNS))))
        maps[..., :-1] = 0.0
        maps[..., -1] = 1.0
    return (1.0 - pixels / 255.0)[..., None].astype(np.float32), maps


def fixed_crop(page: PageTruth, size: int, x: float, y: float) -> tuple[Grey, Maps]:
    """The crop around a point of the page, given as shares of its width and height, as it is."""
    height, width = page.pixels.shape
    scale = LONG_SIDE / max(height, width)
    to_crop = _shift(size / 2, size / 2) @ np.diag([scale, scale, 1.0]) @ _shift(-x * width, -y * height)
    pixels = _warped(page.pixels, to_crop, size, cv2.BORDER_REPLICATE, 0)
    return (1.0 - pixels / 255.0)[..., None].astype(np.float32), target_maps(page, to_crop, size, size)


def _placed(page: PageTruth, size: int, rng: np.random.Generator, vary: Variation) -> Matrix:
    """From the page to the crop."""
    height, width = page.pixels.shape
    low, high = np.log(vary.scale)
    scale = LONG_SIDE / max(height, width) * float(np.exp(rng.uniform(low, high)))
    if page.lines and rng.random() < 0.8:
        baseline = page.lines[int(rng.integers(len(page.lines)))].baseline
        centre = baseline[int(rng.integers(len(baseline)))] + rng.normal(0.0, size / 5, 2) / scale
    else:
        centre = rng.uniform((0, 0), (width, height))
    turn = np.radians(rng.normal(0.0, vary.turn))
    stretch = float(np.exp(rng.normal(0.0, 0.07)))
    linear = np.array(
        [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    ) @ np.array(
        [[scale * stretch, scale * rng.normal(0.0, vary.shear), 0.0], [0.0, scale / stretch, 0.0], [0, 0, 1.0]]
    )
    tilt = np.eye(3)
    if rng.random() < 0.4:
        tilt[2, :2] = rng.normal(0.0, vary.perspective / size, 2)
    return np.asarray(_shift(size / 2, size / 2) @ tilt @ linear @ _shift(-centre[0], -centre[1]))


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _warped(pixels: Pixels, to_crop: Matrix, size: int, border: int, value: float) -> Grey:
    # the middle of the first pixel is at 1/2, 1/2; for cv2 it is at 0, 0
    matrix = _shift(-0.5, -0.5) @ to_crop @ _shift(0.5, 0.5)
    warped = cv2.warpPerspective(
        pixels, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=value
    )
    return np.asarray(warped, np.float32)


def _looked_at(page: Pixels, to_crop: Matrix, size: int, rng: np.random.Generator) -> Grey:
    """The crop's grey values, 0 to 255."""
    border = int(rng.choice([cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT]))
    beyond = float(rng.choice([0.0, 20.0, 60.0, 128.0, 230.0, 255.0]))
    grey = _warped(page, to_crop, size, border, beyond)
    if rng.random() < 0.12:
        _bleed_through(grey, page, to_crop, size, rng)
    if rng.random() < 0.12:
        _rule(grey, rng)
    if rng.random() < 0.3:
        shadow = rng.uniform(0.45, 1.0, (3, 3)).astype(np.float32)
        grey *= np.clip(cv2.resize(shadow, (size, size), interpolation=cv2.INTER_CUBIC), 0.3, 1.0)
    if rng.random() < 0.3:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.5))
    if rng.random() < 0.6:
        grey = 255.0 * (np.clip(grey, 0.0, 255.0) / 255.0) ** float(np.exp(rng.normal(0.0, 0.3)))
        grey = (grey - 128.0) * rng.uniform(0.5, 1.3) + 128.0 + rng.normal(0.0, 20.0)
    if rng.random() < 0.3:
        grey += rng.standard_normal((size, size), np.float32) * np.float32(rng.uniform(2.0, 14.0))
    grey = np.clip(grey, 0.0, 255.0)
    if rng.random() < 0.15:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 70))]
        grey = cv2.imdecode(cv2.imencode(".jpg", grey.astype(np.uint8), quality)[1], 0).astype(np.float32)
    elif rng.random() < 0.05:
        grey = cv2.threshold(grey.astype(np.uint8), 0, 255, cv2.THRESH_OTSU)[1].astype(np.float32)
    return grey


def _bleed_through(grey: Grey, page: Pixels, to_crop: Matrix, size: int, rng: np.random.Generator) -> None:
    """The page's own writing, mirrored, as if it shone through from the back."""
    mirrored = _shift(page.shape[1], rng.uniform(-40, 40)) @ np.diag([-1.0, 1.0, 1.0])
    back = cv2.GaussianBlur(
        _warped(page, to_crop @ mirrored, size, cv2.BORDER_REPLICATE, 0), (0, 0), rng.uniform(0.8, 2.5)
    )
    paper = float(np.median(back))
    grey -= np.maximum(0.0, paper - back) * rng.uniform(0.15, 0.5)


def _rule(grey: Grey, rng: np.random.Generator) -> None:
    """Ruled or squared paper."""
    size, step = len(grey), rng.uniform(14, 48)
    dark, thick = rng.uniform(15, 110), 1 if rng.random() < 0.7 else 2
    slope = rng.normal(0.0, 0.02)
    lines = np.zeros_like(grey)
    for x in np.arange(-0.5 * size, 1.5 * size, step):
        cv2.line(lines, (0, round(x)), (size, round(x + slope * size)), 1.0, thick, cv2.LINE_AA)
        if step < 24:
            cv2.line(lines, (round(x), 0), (round(x - slope * size), size), 1.0, thick, cv2.LINE_AA)
    grey -= lines * dark
