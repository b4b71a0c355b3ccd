"""A step that gives a line more paper."""

import numpy as np

from htrkit import Line, UsageError


class Margin:
    """Paper on all four sides of the line.

    Parameters
    ----------
    width
        Pixels on each side.
    """

    def __init__(self, *, width: int = 8) -> None:
        if not 0 <= width <= 500:
            raise UsageError(f"width is {width}, but it must lie between 0 and 500")
        self.width = width

    def __call__(self, line: Line) -> Line:
        """The line on more paper, which is as light as its lightest pixel."""
        pixels = np.pad(line.pixels, self.width, constant_values=line.pixels.max())
        # from a point of the new pixels to where it stood in the old ones: left and up
        return line.moved(pixels, ((1.0, 0.0, -self.width), (0.0, 1.0, -self.width)))
