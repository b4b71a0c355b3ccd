"""Remove the writing of the page's back, which shows through as strokes lighter than the ink of the front.

Sources: R. Estrada, C. Tomasi, "Manuscript Bleed-through Removal via Hysteresis Thresholding", ICDAR 2009, for the two
thresholds; B. Gatos, I. Pratikakis, S. J. Perantonis, "Adaptive degraded document image binarization", Pattern
Recognition 39 (2006), for measuring darkness against an estimate of the paper.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit import Line, UsageError

Grey = NDArray[np.uint8]

# The ink is as dark as its darker half: the rims of strokes are lighter than the ink itself.
INK_PERCENTILE = 75
# Below this darkness there is no writing on the line, only paper.
FAINTEST_INK = 0.08
# Paper changes slowly. Larger elements, whose cost grows with their area, are laid over a picture made smaller.
LARGEST_ELEMENT = 32


class BleedThrough:
    """Keep strokes that are dark somewhere near, and paint paper over everything else.

    A pixel stays if it is as dark as ink, or if it is fairly dark and a path of fairly dark pixels, a few strokes'
    widths long at most, joins it to one that is as dark as ink.

    Parameters
    ----------
    certain
        Darkness, as a share of the ink's own, from which a pixel is ink for certain.
    faint
        Darkness, as a share of the ink's own, from which a pixel is ink if certain ink is near.
    reach
        How far from certain ink that is, in widths of a stroke.
    """

    def __init__(self, *, certain: float = 0.7, faint: float = 0.35, reach: float = 1.0) -> None:
        if not 0.0 < faint <= certain <= 1.0:
            raise UsageError(f"0 < faint <= certain <= 1 is wanted, but faint is {faint} and certain is {certain}")
        if not 0.0 <= reach < np.inf:
            raise UsageError(f"reach is {reach}, but it must be 0 or more")
        self.certain, self.faint, self.reach = certain, faint, reach

    def __call__(self, line: Line) -> Line:
        """The line with paper in the place of faint strokes, same shape; as it is where there is no ink."""
        paper = paper_of(line.pixels)
        darkness = np.clip(1.0 - line.pixels / np.maximum(paper, 1.0), 0.0, 1.0).astype(np.float32)
        level = ink_level(darkness)
        if level < FAINTEST_INK:
            return line
        certain = (darkness >= self.certain * level).astype(np.uint8)
        kept = grow(certain, darkness >= self.faint * level, round(self.reach * stroke_width(certain)))
        # Strokes keep their soft edges, and what is cut off ends softly too.
        edges = cv2.GaussianBlur(cv2.dilate(kept, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.8)
        share = np.maximum(kept, edges)
        blank = np.maximum(paper, line.pixels)
        return replace(line, pixels=np.rint(share * line.pixels + (1.0 - share) * blank).astype(np.uint8))


def paper_of(pixels: Grey) -> NDArray[np.float32]:
    """Brightness of the paper under the writing, (height, width)."""
    height, width = pixels.shape
    # An element that no stroke fills: a stroke is rarely wider than a tenth of its line.
    wanted = max(3, height // 4)
    shrink = max(1, wanted // LARGEST_ELEMENT)
    small = pixels
    if shrink > 1:
        size = max(1, round(width / shrink)), max(1, round(height / shrink))
        small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    side = (wanted // shrink) | 1
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, element, borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(closed, (0, 0), max(1.0, side / 2), borderType=cv2.BORDER_REPLICATE)
    if shrink > 1:
        smooth = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, dtype=np.float32)


def ink_level(darkness: NDArray[np.float32]) -> float:
    """Darkness of the ink, 0 to 1: that of the darkest of three classes of pixels, paper, faint and ink.

    Two thresholds are found one after the other, each by N. Otsu's method (IEEE Trans. SMC 9, 1979): the first parts
    writing from paper, the second the ink from the faint strokes; the ink's darker half counts.
    """
    scaled = np.rint(darkness * 255.0).astype(np.uint8)
    for _ in range(2):
        threshold, _ = cv2.threshold(scaled.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        above = scaled[scaled > threshold]
        if not above.size:
            break
        scaled = above
    return float(np.percentile(scaled, INK_PERCENTILE)) / 255.0


def stroke_width(ink: Grey) -> float:
    """Mean width of the strokes in pixels: inside one, the distance to its edge averages a quarter of its width."""
    if not ink.any():
        return 1.0
    distance = cv2.distanceTransform(np.pad(ink, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return max(1.0, 4.0 * float(distance[ink > 0].mean()) - 2.0)


def grow(seed: Grey, mask: NDArray[np.bool_], steps: int) -> Grey:
    """``seed`` grown within ``mask`` by at most ``steps`` pixels."""
    allowed = mask.astype(np.uint8)
    element = np.ones((3, 3), np.uint8)
    for _ in range(steps):
        grown = cv2.bitwise_and(cv2.dilate(seed, element), allowed)
        grown = cv2.bitwise_or(grown, seed)
        if np.array_equal(grown, seed):
            break
        seed = grown
    return seed
