"""Holds a step to its contract, on drawn lines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from htrkit.contracts import Preprocessor
from htrkit.geometry import mapped
from htrkit.preprocess.steps import Step
from htrkit.testing.contract import promised, require, unchanged
from htrkit.testing.drawn import odd_lines, plain_line
from htrkit.types import Line

ADRIFT = 0.1
"""How far ink may come to stand from where it stood, as a share of the line's height."""


def check_preprocessor(factory: Callable[[], Preprocessor]) -> None:
    """Check a step against the contract of `htrkit.contracts.Preprocessor`.

    Parameters
    ----------
    factory
        Makes the step: its class, or ``lambda: MyStep(option=value)``.

    Raises
    ------
    NonconformityError
        At the first broken promise.

    Examples
    --------
    >>> from htrkit.preprocess.crop import Crop
    >>> check_preprocessor(Crop)
    """
    with promised("the factory"):
        preprocessor = factory()
    line = plain_line()
    cleaned = _cleaned(preprocessor, line, "on a plain line")
    before, after = _ink(line), _ink(cleaned)
    require(after is not None, "no ink is left of a plain line")
    if before and after:
        moved = float(np.hypot(before[0] - after[0], before[1] - after[1]))
        says = f"ink that stood at {before} on its page stands at {after} by to_page; give line.moved(pixels, map)"
        require(moved <= ADRIFT * len(line.pixels), says)
    for what, odd in odd_lines():
        _cleaned(preprocessor, odd, f"on {what}")


def _cleaned(preprocessor: Preprocessor, line: Line, where: str) -> Line:
    with promised("the step", where), unchanged(line.pixels, "the step"):
        cleaned = Step("step", preprocessor)(line)
        again = preprocessor(line)
    require(
        np.shape(cleaned.to_page) == (2, 3) and bool(np.isfinite(cleaned.to_page).all()), f"to_page is no map {where}"
    )
    same = np.array_equal(cleaned.pixels, again.pixels) and cleaned.to_page == again.to_page
    require(same, f"the step answers differently the second time {where}")
    return cleaned


def _ink(line: Line) -> tuple[float, float] | None:
    """The middle of the ink on the page; None where there is none."""
    rows, columns = np.nonzero(line.pixels < 128)
    if not len(rows):
        return None
    ((x, y),) = mapped(line.to_page, [(float(columns.mean()) + 0.5, float(rows.mean()) + 0.5)])
    return round(x, 1), round(y, 1)
