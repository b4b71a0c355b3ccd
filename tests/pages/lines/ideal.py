"""Maps as a network that makes no mistake would give them, drawn from lines that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit.pages.lines.maps import LineMaps

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """A line in cells: its first and last column, the row of its beginning, rows a column, and its bend in rows."""

    left: float
    right: float
    row: float
    slope: float = 0.0
    bend: float = 0.0
    above: float = 6.0
    below: float = 3.0
    gap: tuple[float, float] | None = None  # columns without writing, and so without a base line in the map

    def at(self, x: Points) -> Points:
        """Its rows."""
        share = (x - self.left) / (self.right - self.left)
        return self.row + self.slope * (x - self.left) + 4.0 * self.bend * share * (1.0 - share)


def ideal_maps(lines: Sequence[Known], rows: int = 120, columns: int = 160, scale: float = 0.25) -> LineMaps:
    """Base lines about two cells thick, bars where lines begin and end, heights around the base lines."""
    maps = {name: np.zeros((rows, columns), np.float32) for name in ("baseline", "start", "end", "region")}
    heights = {name: np.full((rows, columns), 1.0, np.float32) for name in ("above", "below")}
    y = np.arange(rows)[:, None] + 0.5
    x = np.arange(columns) + 0.5
    for line in lines:
        off = np.abs(y - line.at(x)[None])
        written = (x >= line.left) & (x <= line.right)
        if line.gap:
            written &= (x < line.gap[0]) | (x > line.gap[1])
        maps["baseline"] = np.maximum(maps["baseline"], np.exp(-(off**2)) * written).astype(np.float32)
        near = (off < 2.5) & (x >= line.left - 1) & (x <= line.right + 1)
        heights["above"][near], heights["below"][near] = line.above, line.below
        maps["region"][(y > line.at(x)[None] - line.above) & (off < line.above) & written] = 1.0
        for name, end in (("start", line.left), ("end", line.right)):
            row = float(line.at(np.array([end]))[0])
            bar = (np.abs(x - end) < 1.5) & (y > row - 0.7 * line.above) & (y < row + 0.5 * line.below)
            maps[name][bar] = 1.0
    return LineMaps(**maps, **heights, scale=scale)
