"""Lines as boxes on a level page: the ground on which their order is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit.types import Place


@dataclass(frozen=True, slots=True)
class Boxes:
    """Lines on a page turned so that they are level, in units of the distance from line to line.

    Attributes
    ----------
    left, right, top, bottom
        (lines,) each.
    level
        (lines,): whether a line runs along the page, not down or up it.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    level: NDArray[np.bool_]

    @property
    def middle(self) -> NDArray[np.float64]:
        """(lines,)."""
        return (self.top + self.bottom) / 2.0

    def of(self, lines: NDArray[np.intp]) -> Boxes:
        """Some of them."""
        return Boxes(self.left[lines], self.right[lines], self.top[lines], self.bottom[lines], self.level[lines])

    def __len__(self) -> int:
        return len(self.left)


def level_boxes(places: Sequence[Place]) -> Boxes:
    """The boxes of lines on the page turned by their usual slant, in units of their usual height."""
    outlines = [np.array(place.polygon, np.float64) for place in places]
    runs = [np.array(place.baseline or place.polygon, np.float64) for place in places]
    ends = np.array([run[run[:, 0].argmax()] - run[run[:, 0].argmin()] for run in runs])
    angles = np.arctan2(ends[:, 1], np.maximum(ends[:, 0], 1e-9))
    level = np.abs(angles) < math.pi / 4.0
    angle = _weighted_median(angles[level], ends[level, 0]) if level.any() else 0.0
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turned = [outline @ turn for outline in outlines]
    low, high = (np.array([extreme(outline, axis=0) for outline in turned]) for extreme in (np.min, np.max))
    # of a curved line, the height is what it has on average, around its own middle
    heights = np.array([_area(outline) for outline in turned]) / np.maximum(high[:, 0] - low[:, 0], 1.0)
    middles = np.array([_middle(outline) for outline in turned])
    heights = np.where(level, heights, high[:, 1] - low[:, 1])
    middles = np.where(level, middles, (high[:, 1] + low[:, 1]) / 2.0)
    unit = max(1.0, float(np.median(heights[level] if level.any() else heights)))
    tops, bottoms = middles - heights / 2.0, middles + heights / 2.0
    return Boxes(low[:, 0] / unit, high[:, 0] / unit, tops / unit, bottoms / unit, level)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2.0)])


def _area(outline: NDArray[np.float64]) -> float:
    x, y = outline.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2.0


def _middle(outline: NDArray[np.float64]) -> float:
    """The height of the centre of gravity, or of the points' mean where there is no area."""
    x, y = (outline - outline.mean(axis=0)).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2.0
    low, high = y.min(), y.max()
    centre = float((y + np.roll(y, -1)) @ cross / (6.0 * area)) if abs(area) > 1e-6 else 0.0
    return float(outline[:, 1].mean() + np.clip(centre, low, high))
