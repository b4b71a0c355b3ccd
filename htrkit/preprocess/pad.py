"""Paper around the writing, as networks want it."""

from __future__ import annotations

import numpy as np

from htrkit.errors import UsageError
from htrkit.pixels import WIDEST, holds_a_word
from htrkit.preprocess.ink import edge_paper
from htrkit.types import Line


class Pad:
    """Add paper on the left and on the right, and around a single word above and below as well.

    A word seldom has letters that reach up and others that reach down. Cut to its ink, its letters come out larger than
    those of a line; and the first and the last letter of anything are read better when something precedes and follows.

    Parameters
    ----------
    words
        Paper added above and below an image that is so short that it holds a word, as a share of its height.
    beside
        Paper added on the left and on the right of every image, as a share of its height then.

    Raises
    ------
    UsageError
        If a share is not between 0 and 1.
    """

    def __init__(self, *, words: float = 0.1, beside: float = 0.2) -> None:
        for name, share in (("words", words), ("beside", beside)):
            if not 0.0 <= share <= 1.0:
                raise UsageError(f"option '{name}' of preprocessor 'pad' is {share}; it takes 0 to 1")
        self.words = words
        self.beside = beside

    def __call__(self, line: Line) -> Line:
        """The line on more paper, as bright as the rows at its top and bottom are."""
        height, width = line.pixels.shape
        above = round(self.words * height) if holds_a_word(line.pixels) else 0
        padded = height + 2 * above
        # what is nearly too wide for a line does not become so
        left = min(round(self.beside * padded), max(0, WIDEST * padded - width) // 2)
        paper = edge_paper(line.pixels)
        pixels = np.pad(line.pixels, ((above, above), (left, left)), constant_values=paper)
        return line.moved(pixels, ((1.0, 0.0, -float(left)), (0.0, 1.0, -float(above))))
