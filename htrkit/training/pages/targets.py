"""The maps that the network shall give for a page, drawn from what is known of its lines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.pages.lines.maps import HEIGHT_UNIT, STRIDE
from htrkit.training.pages.truth import LineTruth, PageTruth, Points

Maps = NDArray[np.float32]
TARGETS = ("baseline", "start", "end", "region", "above", "below", "measured", "weight")
"""The channels of the targets: heights count where ``measured`` is 1, all else as much as ``weight`` says."""
# cv2 takes coordinates in 1/16 pixel.
SHIFT = 4
# What is said of the paper around people's lines, which leave out stamps and facing pages.
OUTSIDE = 0.25
REACH = 12.0


def target_maps(page: PageTruth, to_crop: NDArray[np.float64], height: int, width: int) -> Maps:
    """The targets, (height / 4, width / 4, 8), of the part of a page that a (3, 3) projective map takes to a crop."""
    shape = height // STRIDE, width // STRIDE
    maps = np.zeros((*shape, len(TARGETS)), np.float32)
    planes = {name: np.zeros(shape, np.float32) for name in TARGETS}
    for region in page.regions:
        _fill(planes["region"], moved(region, to_crop), 1.0)
    planes["weight"][:] = _weight(page, to_crop, shape)
    for polygon in page.steep:
        for name, value in (("region", 0.0), ("weight", 0.0)):
            _fill(planes[name], moved(polygon, to_crop), value)
    for line in page.lines:
        _draw(planes, moved_line(line, to_crop))
    for i, name in enumerate(TARGETS):
        maps[..., i] = planes[name]
    return maps


def moved(points: Points, by: NDArray[np.float64]) -> Points:
    """Where a projective map takes points."""
    ends = np.c_[points, np.ones(len(points))] @ by.T
    return np.asarray(ends[:, :2] / np.maximum(ends[:, 2:], 1e-6), np.float32)


def moved_line(line: LineTruth, by: NDArray[np.float64]) -> LineTruth:
    """A line where a projective map takes it, its heights as they are in its middle."""
    baseline = moved(line.baseline, by)
    middle = line.baseline[len(line.baseline) // 2]
    around = moved(np.add(middle, np.array([(0, 0), (1, 0), (0, 1)], np.float32)), by)
    scale = float(abs(np.linalg.det(around[1:] - around[0]))) ** 0.5
    return LineTruth(baseline, line.above * scale, line.below * scale)


def _draw(planes: dict[str, Maps], line: LineTruth) -> None:
    points = _cells(line.baseline)
    cv2.polylines(planes["baseline"], [points], False, 1.0, 1, cv2.LINE_AA, SHIFT)
    for name, value in (("above", line.above), ("below", line.below)):
        cv2.polylines(planes[name], [points], False, float(np.log(value / HEIGHT_UNIT)), 4, cv2.LINE_8, SHIFT)
    cv2.polylines(planes["measured"], [points], False, 1.0, 3, cv2.LINE_8, SHIFT)
    for name, end, inner in (("start", 0, 1), ("end", -1, -2)):
        at, way = line.baseline[end], line.baseline[end] - line.baseline[inner]
        length = float(np.hypot(*way)) or 1.0
        down = np.array([-way[1], way[0]]) / length * (1.0 if end else -1.0)
        bar = np.array([at - 0.7 * line.above * down, at + 0.5 * line.below * down], np.float32)
        cv2.polylines(planes[name], [_cells(bar)], False, 1.0, 3, cv2.LINE_AA, SHIFT)


def _weight(page: PageTruth, to_crop: NDArray[np.float64], shape: tuple[int, int]) -> Maps:
    weight = np.ones(shape, np.float32)
    if page.complete:
        return weight
    weight[:] = OUTSIDE
    if page.lines:
        edges = [np.add(line.baseline, (0, shift)) for line in page.lines for shift in (-line.above, line.below)]
        hull = cv2.convexHull(moved(np.concatenate(edges).astype(np.float32), to_crop))[:, 0]
        _fill(weight, hull, 1.0)
        outline = [_cells(np.asarray(hull, np.float32))]
        cv2.polylines(weight, outline, True, 1.0, int(REACH), cv2.LINE_8, SHIFT)
    return weight


def _fill(plane: Maps, polygon: Points, value: float) -> None:
    cv2.fillPoly(plane, [_cells(polygon)], value, cv2.LINE_8, SHIFT)


def _cells(points: Points) -> NDArray[np.int32]:
    """Points of the crop in 1/16 of the maps' cells, kept where cv2 can count."""
    cells = (np.asarray(points, np.float64) / STRIDE - 0.5) * (1 << SHIFT)
    return np.round(np.clip(cells, -(1 << 20), 1 << 20)).astype(np.int32)
