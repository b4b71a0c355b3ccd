"""The format ``overlay``: a page's picture with its regions and lines drawn on it, to see what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from htrkit.geometry import Outline, within
from htrkit.preprocess.ink import shrunk
from htrkit.types import Page, Pixels, Place, Result, Run

Picture = NDArray[np.uint8]

LINES = ((38, 120, 178), (26, 140, 110))
"""RGB of one line and the next, so that neighbours are told apart."""
TEXT, OTHERS = (120, 120, 130), (190, 110, 40)
"""RGB of regions of text, and of all others, such as notes in the margin."""
TINT, PAPER = 0.16, 0.25
"""How much of a line's colour lies on it, and how far the picture fades, so that what is drawn stands out."""
FINE = 4
"""Fractional bits of the points that OpenCV draws."""


class Overlay:
    """A picture of each page with its lines: outline, base line, number in reading order; and a frame for each region.

    Parameters
    ----------
    run
        Not needed.
    numbers
        Whether lines have their numbers.
    longest
        Pixels on the longer side of the picture, which is not enlarged.
    """

    suffix = ".png"
    wants_words = False

    def __init__(self, run: Run, *, numbers: bool = True, longest: int = 2400) -> None:
        self._numbers, self._longest = numbers, longest

    def __call__(self, results: Iterable[Result], page: Page) -> Iterator[bytes]:
        """The picture's file, PNG."""
        page = _drawable(page)
        height, width = page.pixels.shape
        rows = max(1, round(height * min(1.0, self._longest / max(height, width))))
        small = shrunk(page.pixels, rows)
        scale = np.array([small.shape[1] / width, small.shape[0] / height])
        drawn = _drawn(small, page, scale)
        if self._numbers:
            drawn = _numbered(drawn, page, scale)
        ok, data = cv2.imencode(".png", drawn[:, :, ::-1])
        yield data.tobytes() if ok else b""


def _drawable(page: Page) -> Page:
    """The page, with outlines that can be drawn; a line that has none is not drawn, and keeps its number."""
    height, width = page.pixels.shape

    def drawable(place: Place) -> Place | None:
        polygon, baseline = (within(outline, width, height) for outline in (place.polygon, place.baseline))
        return replace(place, polygon=polygon, baseline=baseline) if polygon else None

    regions = (replace(region, polygon=within(region.polygon, width, height)) for region in page.regions)
    lines = ((place and drawable(place), text) for place, text in page.lines)
    return replace(page, regions=tuple(filter(lambda region: region.polygon, regions)), lines=tuple(lines))


def _places(page: Page) -> dict[int, Place]:
    """What is to be drawn, by the line's number, from 0."""
    return {number: place for number, (place, _) in enumerate(page.lines) if place}


def _drawn(pixels: Pixels, page: Page, scale: NDArray[np.float64]) -> Picture:
    faded = np.asarray(255 - (255 - pixels) * (1.0 - PAPER), np.uint8)
    picture = np.repeat(faded[:, :, None], 3, axis=2)
    pen = max(1, round(max(pixels.shape) / 900))
    for region in page.regions:
        colour = TEXT if region.kind in ("text", "paragraph", "") else OTHERS
        cv2.polylines(picture, [_points(region.polygon, scale)], True, colour, pen, cv2.LINE_AA, FINE)
    places = _places(page)
    tinted = picture.copy()
    for number, place in places.items():
        cv2.fillPoly(tinted, [_points(place.polygon, scale)], LINES[number % 2], cv2.LINE_AA, FINE)
    picture = np.asarray(cv2.addWeighted(tinted, TINT, picture, 1.0 - TINT, 0.0), np.uint8)
    for number, place in places.items():
        colour = LINES[number % 2]
        cv2.polylines(picture, [_points(place.polygon, scale)], True, colour, pen, cv2.LINE_AA, FINE)
        if place.baseline:
            cv2.polylines(picture, [_points(place.baseline, scale)], False, colour, 2 * pen, cv2.LINE_AA, FINE)
    return picture


def _points(outline: Outline, scale: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.asarray(np.round((np.array(outline, np.float64) * scale - 0.5) * (1 << FINE)), np.int32)


def _numbered(drawn: Picture, page: Page, scale: NDArray[np.float64]) -> Picture:
    """The picture with each line's number in a small plate where it begins."""
    picture = Image.fromarray(drawn)
    draw = ImageDraw.Draw(picture)
    places = _places(page)
    font = ImageFont.load_default(size=_size(list(places.values()), scale, drawn))
    for number, place in places.items():
        x, y = _beginning(place) * scale
        left, top, right, bottom = draw.textbbox((0, 0), str(number + 1), font=font)
        width, height = right - left + 6, bottom - top + 6
        x0, y0 = min(max(0.0, x - width), drawn.shape[1] - width), min(max(0.0, y - height), drawn.shape[0] - height)
        draw.rounded_rectangle((x0, y0, x0 + width, y0 + height), 3, fill=LINES[number % 2])
        draw.text((x0 + 3 - left, y0 + 3 - top), str(number + 1), font=font, fill="white")
    return np.asarray(picture, np.uint8)


def _size(places: list[Place], scale: NDArray[np.float64], drawn: Picture) -> float:
    """Of the numbers, in pixels: about as high as letters, and readable."""
    heights = [float(np.ptp([y for _, y in place.polygon])) * float(scale[1]) for place in places] or [0.0]
    return float(np.clip(0.45 * np.median(heights), 10.0, max(10.0, max(drawn.shape) / 70.0)))


def _beginning(place: Place) -> NDArray[np.float64]:
    """Where a line begins: its base line, or the lower left corner of what it covers."""
    if place.baseline:
        return np.array(place.baseline[0], np.float64)
    points = np.array(place.polygon, np.float64)
    return np.array([points[:, 0].min(), points[:, 1].max()])
