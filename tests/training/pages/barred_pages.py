"""Pages of bars with PAGE XML, to train on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from htrkit.pages.xml.write_page import PageXml
from htrkit.types import Page, Place, Region, Run

HEIGHT, WIDTH = 400, 300


def bars(path: Path, rng: np.random.Generator | None = None) -> Page:
    """A page of rows of bars that stand on their base lines, 20 pixels high, outlined 24 above and 6 below."""
    rng = rng or np.random.default_rng(0)
    pixels = np.full((HEIGHT, WIDTH), 230, np.uint8)
    lines = []
    for order, y in enumerate(range(60, 360, 50)):
        left, right = int(rng.integers(20, 60)), int(rng.integers(220, 280))
        for x in range(left, right, 10):
            cv2.line(pixels, (x, y - 20), (x, y - 2), 30, 3)
        polygon = ((left, y - 24), (right, y - 24), (right, y + 6), (left, y + 6))
        lines.append((Place(str(path), order, polygon, ((left, y), (right, y)), "r1"), "bars"))
    region = Region("r1", "text", ((10, 30), (290, 30), (290, 370), (10, 370)))
    return Page(str(path), path, 1, pixels, (region,), tuple(lines))


def write_pages(folder: Path, count: int) -> Path:
    """A folder of such pages: images, and PAGE XML."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        page = bars(folder / f"{i}.png", np.random.default_rng(i))
        Image.fromarray(page.pixels).save(folder / f"{i}.png")
        (folder / f"{i}.xml").write_text("".join(PageXml(Run("", ""))((), page)), encoding="utf-8")
    return folder
