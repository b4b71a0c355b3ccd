"""Pages that were scanned lying or upside down: found out, and lines found on the page set upright are given back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.geometry import Affine
from htrkit.pages.page_ink import letter_height, page_ink
from htrkit.types import Page, Pixels

Floats = NDArray[np.float32]

BROAD, NARROW = 80, 30
"""Pixels: strips across which lines are told from columns of letters, and narrower ones in which slanted lines keep
their edges."""
LINES = 2.2
"""Heights of letters over which the ink along a strip changes with lines."""
LYING, OVER = 1.03, 0.1
"""A page stays as it is unless the signs against it are clear: by how much more the ink changes across than down the
page, and how skew its edges are."""


def quarter_turns(pixels: Pixels) -> int:
    """How many quarter turns, anticlockwise, set a page upright: 0 to 3; 0 where there is little to go by.

    Along the page, ink comes and goes with the lines; across it, it does not. And writing stands on its base line: the
    ink ends there at once, while heads of letters, ascenders and capitals begin it at many heights. So, from above to
    below, the steepest changes are ends.

    Parameters
    ----------
    pixels
        (height, width) uint8, dark ink on light paper.
    """
    ink = page_ink(pixels).ink
    letters = _letters(ink)
    if letters is None:
        return 0
    lying = lines_show(ink) < 1.0 / LYING
    edges = _edges(np.ascontiguousarray(np.rot90(ink)) if lying else ink, letters)
    return int(lying) + 2 * int(edges > (0.0 if lying else OVER))


def lines_show(ink: Pixels) -> float:
    """How many times as much the ink of a page comes and goes with lines as it would with columns; 0 if there is none.

    About 1 of what is no writing, more of upright writing, less of writing that lies.
    """
    letters = _letters(ink)
    if letters is None:
        return 0.0
    return _change(ink, letters) / max(1e-9, _change(np.ascontiguousarray(np.rot90(ink)), letters))


def _letters(ink: Pixels) -> float | None:
    """The height of letters: what hangs together is wider than high, whichever way the page lies."""
    sizes = [size for size in map(letter_height, (ink, np.ascontiguousarray(ink.T))) if size is not None]
    return min(sizes) if sizes else None


def with_page_upright(
    page: Page, find: Callable[[Page], Page], turns_of: Callable[[Pixels], int] = quarter_turns
) -> Page:
    """A page with the lines that ``find`` finds once it is set upright; the direction of base lines tells the turn."""
    turns = turns_of(page.pixels)
    if not turns:
        return find(page)
    found = find(replace(page, pixels=np.ascontiguousarray(np.rot90(page.pixels, turns))))
    height, width = page.pixels.shape
    back: Affine = (
        ((0.0, -1.0, width), (1.0, 0.0, 0.0)),
        ((-1.0, 0.0, width), (0.0, -1.0, height)),
        ((0.0, 1.0, 0.0), (-1.0, 0.0, height)),
    )[turns - 1]
    turned = found.moved(page.pixels, back)
    return replace(page, regions=turned.regions, lines=turned.lines)


def _strips(ink: Pixels, width: int) -> Floats:
    """(height, strips): the share of ink in each row of strips that run down the page."""
    size = (max(4, ink.shape[1] // width), ink.shape[0])
    return np.asarray(cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def _change(ink: Pixels, letters: float) -> float:
    """How much of the ink down a page comes and goes at the rate of lines."""
    along = LINES * letters
    smooth = cv2.GaussianBlur(_strips(ink, BROAD), (1, 2 * int(along / 2) + 1), 0.12 * along)
    fast = smooth - cv2.boxFilter(smooth, -1, (1, 2 * int(along) + 1))
    return float((fast**2).sum() / max(1e-9, float((smooth**2).sum())))


def _edges(ink: Pixels, letters: float) -> float:
    """The skewness of the changes of ink down a page, in units that grow with the evidence: negative if upright."""
    deviation = max(0.6, 0.06 * letters)
    smooth = cv2.GaussianBlur(_strips(ink, NARROW), (1, 2 * int(3.0 * deviation) + 1), deviation)
    steps = np.diff(smooth, axis=0).astype(np.float64)
    return float((steps**3).sum() / max(1e-9, (steps**2).sum() ** 1.5) * np.sqrt(steps.size))
