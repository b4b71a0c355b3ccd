"""The segmenter `ppocr`: boxes that PP-OCR's detector finds, joined into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit import Outline, Page, Place
from htrkit.pages.order import in_reading_order
from htrkit_rapidocr.boxes import Box, joined


class PpOcr:
    """Lines by the detector of PP-OCRv6, which knows print and handwriting.

    The network comes with the package rapidocr; its boxes end where a gap is wide, so those that continue one another
    are joined into one line.

    Parameters
    ----------
    size
        Pixels of the page's long side as the network sees it; a larger page is shrunk.
    threads
        CPU threads.
    gap
        How far apart boxes of one line may stand, in heights of the line.

    Raises
    ------
    ValueError
        If the size is not from 320 to 4096, or there are no threads.

    Notes
    -----
    Source: M. Liao and others, "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020; PaddleOCR
    3.x, PP-OCRv6.
    """

    def __init__(self, *, size: int = 1280, threads: int = 1, gap: float = 1.5) -> None:
        if not 320 <= size <= 4096:
            raise ValueError(f"size is {size}; it must be 320 to 4096")
        if threads < 1:
            raise ValueError(f"threads is {threads}; it must be at least 1")
        from rapidocr import RapidOCR

        self._gap = gap
        self._one_by_one = Lock()  # the engine keeps the page's size to itself while it works
        self._engine = RapidOCR(
            params={
                "Det.limit_type": "max",
                "Det.limit_side_len": size,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "Global.log_level": "critical",
            }
        )

    def segment(self, page: Page) -> Page:
        """The page with its lines in reading order."""
        colour = cv2.cvtColor(page.pixels, cv2.COLOR_GRAY2BGR)
        with self._one_by_one:
            found = self._engine(colour, use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(found, "boxes", None)
        corners = np.empty((0, 4, 2)) if boxes is None else np.asarray(boxes, np.float64)
        lines = joined([Box.of(four) for four in corners], self._gap)
        height, width = page.pixels.shape
        places = [_place(page, line, (width, height)) for line in lines]
        regions, ordered = in_reading_order(places, width, height)
        return replace(page, regions=regions, lines=tuple((place, None) for place in ordered))


def _place(page: Page, line: Sequence[Box], size: tuple[int, int]) -> Place:
    upper = [point for box in line for point in box.upper]
    lower = [point for box in line for point in box.lower]
    base = [point for box in line for point in box.baseline]
    return Place(page.id, 0, _inside([*upper, *lower[::-1]], size), _inside(base, size))


def _inside(points: Sequence[NDArray[np.float64]], size: tuple[int, int]) -> Outline:
    return tuple((x, y) for x, y in np.clip(points, 0.0, size).round(1).tolist())
