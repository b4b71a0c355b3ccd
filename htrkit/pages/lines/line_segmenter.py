"""The segmenter ``lines``: a network's maps of a page, and the lines in them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.foreign import try_first
from htrkit.geometry import Outline
from htrkit.pages.lines.find_lines import Rules, find_lines
from htrkit.pages.lines.heights import Heights, heights_of, typical_height
from htrkit.pages.lines.line_network import LineNetwork, load_description
from htrkit.pages.lines.maps import STRIDE, LineMaps
from htrkit.pages.lines.tracing import Piece
from htrkit.pages.order import in_reading_order
from htrkit.pages.upright import quarter_turns, with_page_upright
from htrkit.resources import is_foreign, resource
from htrkit.types import Page, Pixels, Place

# How far, in cells, a simplified curve may be from the one that was found.
CURVE = 0.4
# Pixels of the input's longer side at which orientations are compared.
GLANCE = 800
# Pixels of the network's input: writing that seems higher may be far higher, as in a picture of three lines, which is
# looked at again at half the size.
LARGEST = 38
SHIPPED = Path(__file__).parents[2] / "models" / "lines"


class Lines:
    """Finds lines with a small network that marks base lines, ends of lines and heights.

    Pages that lie or stand on their head are set upright first; curved lines and those at most 20 degrees steep are
    followed.

    Parameters
    ----------
    model
        A network that ``htrkit train-segmenter`` made: its folder, or the name that a plugin declares; none for
        htrkit's own.
    sure
        How sure of a line the network must be, 0 to 1: less finds more lines, and more of what is none.
    gap
        The widest gap within a line, in heights of its writing, where the network sees no end.

    Raises
    ------
    ModelError
        If the network cannot be used.
    """

    def __init__(self, *, model: str | None = None, sure: float = 0.5, gap: float = 7.0) -> None:
        folder = SHIPPED if model is None else resource("model", model)
        if model is not None and is_foreign("model", model):
            trial, loading = partial(LineNetwork, folder), partial(import_module, LineNetwork.__module__)
            try_first(f"the network in {folder}", load_description(folder).sha256, trial, loading=loading)
        self._network = LineNetwork(folder)
        self._rules = Rules(sure=sure, gap=gap)

    def segment(self, page: Page) -> Page:
        """The page with the lines that are found; those that it had are forgotten."""
        return with_page_upright(page, self._segmented, self._turns)

    def _turns(self, pixels: Pixels) -> int:
        """How many quarter turns set a page upright, if the network sees more lines then."""
        turns = quarter_turns(pixels)
        if turns and self.evidence(np.ascontiguousarray(np.rot90(pixels, turns))) < self.evidence(pixels):
            return 0
        return turns

    def _segmented(self, page: Page) -> Page:
        height, width = page.pixels.shape
        maps = self._network.maps(page.pixels)
        lines = find_lines(maps, self._rules)
        if typical_height(lines) * STRIDE > LARGEST:
            maps = self._network.maps(page.pixels, self._network.description.long_side // 2)
            lines = find_lines(maps, self._rules)
        outlined = zip(lines, heights_of(lines), strict=True)
        places = [_place(line, heights, page.id, maps, (height, width)) for line, heights in outlined]
        regions, ordered = in_reading_order(places, width, height)
        return replace(page, regions=regions, lines=tuple((place, None) for place in ordered))

    def evidence(self, pixels: Pixels) -> float:
        """How much of a page looks like base lines of upright writing: the share of its area, for comparison only.

        The network has been shown turned pages, on which there is nothing to find: of a page's four orientations, the
        upright one has the most. Takes about half the time of `segment`.
        """
        baseline = self._network.maps(pixels, GLANCE).baseline
        return float(baseline[baseline > self._rules.threshold].sum() / baseline.size)


def _place(line: Piece, heights: Heights, page: str, maps: LineMaps, shape: tuple[int, int]) -> Place:
    curve = np.stack([line.x, line.y], axis=1)
    curve = np.concatenate([np.subtract(curve[:1], (1.0, 0.0)), curve, np.add(curve[-1:], (1.0, 0.0))])
    kept = cv2.approxPolyDP(curve.astype(np.float32)[:, None], CURVE, False)[:, 0].astype(np.float64)
    polygon = np.concatenate([np.subtract(kept, (0.0, heights.above)), np.add(kept, (0.0, heights.below))[::-1]])
    return Place(page, 0, _on_page(polygon, maps.scale, shape), _on_page(kept, maps.scale, shape))


def _on_page(points: NDArray[np.float64], scale: float, shape: tuple[int, int]) -> Outline:
    height, width = shape
    inside = np.round(np.clip(points / scale, 0.0, (width, height)), 1)
    return tuple((float(x), float(y)) for x, y in inside)
