"""The segmenter ``ridges``: from a page to its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.geometry import Outline
from htrkit.pages.order import in_reading_order
from htrkit.pages.page_ink import Floats, PageInk, is_grain, page_ink
from htrkit.pages.ridges.follow import Ridge, ridges
from htrkit.pages.ridges.response import ridge_response
from htrkit.pages.ridges.spacing import line_spacing
from htrkit.pages.ridges.written_lines import BLACK, Written, apart, written
from htrkit.pages.upright import lines_show, with_page_upright
from htrkit.types import Page, Pixels, Place

Points = NDArray[np.float64]

SMALLEST = 24
"""A page with fewer pixels on its shorter side has no lines."""
LINES_SHOW = 1.06
"""Of 393 pages of archives every one shows its lines better; noise, grain and texture do not."""
ROWS = 12.0
"""Pixels from line to line in which ridges are looked for: more would take longer and find no more."""
FAINTEST, STRONG = 0.25, 85
"""The response of the faintest ridge, as a share of that of the strong ones, of which so many percent are weaker."""


class Ridges:
    """Finds lines as dark ridges of the blurred page, without a network.

    Pages that lie or stand on their head are set upright first; curved lines and those at most 20 degrees steep are
    followed. Lines of one page may not differ much in their distance; where they touch each other, or notes stand close
    beside the text, there will be mistakes.
    """

    def segment(self, page: Page) -> Page:
        """The page with the lines that are found; those that it had are forgotten."""
        return with_page_upright(page, _segmented)


def _segmented(page: Page) -> Page:
    places = list(_places(page)) if min(page.pixels.shape) >= SMALLEST else []
    height, width = page.pixels.shape
    regions, ordered = in_reading_order(places, width, height)
    return replace(page, regions=regions, lines=tuple((place, None) for place in ordered))


def _places(page: Page) -> Iterator[Place]:
    ink = page_ink(page.pixels)
    spacing = line_spacing(ink.ink)
    if spacing is None or is_grain(ink.ink) or lines_show(ink.ink) < LINES_SHOW:
        return
    blackness = float(np.percentile(ink.darkness[ink.ink > 0], BLACK))
    height, width = page.pixels.shape
    scale = np.array([width / ink.ink.shape[1], height / ink.ink.shape[0]])
    lines = [line for ridge in _ridges(ink, spacing) for line in written(ridge, ink, spacing, blackness)]
    for line in apart(lines, spacing):
        base, polygon = _outlines(line, spacing, ink.ink)
        yield Place(page.id, 0, _scaled(polygon, scale), _scaled(base, scale))


def _ridges(page: PageInk, spacing: float) -> Iterator[Ridge]:
    """The ridges on the small copy, found on a smaller one."""
    scale = max(1.0, spacing / ROWS)
    height, width = page.ink.shape
    size = (max(8, round(width / scale)), max(8, round(height / scale)))
    ink = np.minimum(_resized(page.ink, size), 0.5)
    response, slope = ridge_response(ink, spacing / scale)
    peaks = (response[1:-1] > response[:-2]) & (response[1:-1] >= response[2:]) & (response[1:-1] > 0.005)
    if not peaks.any():
        return
    least = FAINTEST * float(np.percentile(response[1:-1][peaks], STRONG))
    walls = (_resized(page.upright_rules, size) > 0.0).astype(np.uint8)
    across, down = width / size[0], height / size[1]
    for ridge in ridges(response, slope, least, spacing / scale, walls):
        x = np.arange(ridge.x[0], ridge.x[-1] + 1)
        y = np.interp(x, ridge.x, ridge.y).astype(np.float32)[None]
        y = cv2.GaussianBlur(y, (0, 0), spacing / scale / 2.0, borderType=cv2.BORDER_REPLICATE)[0]
        yield Ridge(((x + 0.5) * across).tolist(), ((y + 0.5) * down).tolist())


def _resized(mask: Pixels, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def _outlines(line: Written, spacing: float, ink: Pixels) -> tuple[Points, Points]:
    """The base line with a point for each spacing, and the polygon around it, a little beyond the ink."""
    height, width = ink.shape
    x = np.linspace(line.x[0], line.x[-1], max(2, round(np.ptp(line.x) / spacing) + 1))
    base = np.stack([x, np.interp(x, line.x, line.base)], axis=1)
    wide = base.copy()
    wide[[0, -1], 0] += (-0.15 * spacing, 0.15 * spacing)
    top, bottom = np.array([0.0, line.above]), np.array([0.0, line.below])
    polygon = np.concatenate([wide - top, (wide + bottom)[::-1]])
    return np.clip(base, 0.0, (width, height)), np.clip(polygon, 0.0, (width, height))


def _scaled(points: Points, scale: Points) -> Outline:
    return tuple((round(x, 1), round(y, 1)) for x, y in (points * scale).tolist())
