"""Black ink on white paper, by one threshold for the whole image."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from htrkit.preprocess.contrast import FAINTEST_INK
from htrkit.types import Line


class Otsu:
    """Binarise by Otsu's threshold; where nothing stands out from the paper, all becomes paper.

    For evenly lit images. Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
    on Systems, Man and Cybernetics 9(1), 1979, pages 62-66.
    """

    def __call__(self, line: Line) -> Line:
        """The line with ink at 0 and paper at 255, same shape; a line that is so already stays as it is."""
        threshold, _ = cv2.threshold(line.pixels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        dark = line.pixels <= threshold
        blank = dark.all() or not dark.any()
        if blank or line.pixels[~dark].mean() - line.pixels[dark].mean() < FAINTEST_INK * 255.0:
            return replace(line, pixels=np.full_like(line.pixels, 255))
        return replace(line, pixels=np.where(dark, 0, 255).astype(np.uint8))
