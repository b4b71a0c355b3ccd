"""Black ink on white paper, by one threshold for the whole image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from htrkit.preprocess.ink import dark
from htrkit.types import Line


class Otsu:
    """Binarise by Otsu's threshold; where nothing stands out from the paper, all becomes paper.

    For evenly lit images. Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
    on Systems, Man and Cybernetics 9(1), 1979, pages 62-66.
    """

    def __call__(self, line: Line) -> Line:
        """The line with ink at 0 and paper at 255, same shape; a line that is so already stays as it is."""
        return replace(line, pixels=np.where(dark(line.pixels), 0, 255).astype(np.uint8))
