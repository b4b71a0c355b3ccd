"""The angle that an image is best sheared by, looked for coarsely, then finely."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def best_angle(score: Callable[[float], float], max_angle: float, coarse: float, fine: float) -> float:
    """The angle in degrees, at most ``max_angle`` to either side, with the highest score.

    Angles are tried ``coarse`` degrees apart, then ``fine`` degrees apart around the best.
    """

    def best(angles: NDArray[np.float64], near: float) -> float:
        # of equals the nearest: an image that shows no angle is left alone
        ordered: list[float] = sorted(np.clip(angles, -max_angle, max_angle).tolist(), key=lambda a: abs(a - near))
        return max(ordered, key=score)

    steps = np.arange(0.0, max_angle + coarse, coarse)
    rough = best(np.concatenate([-steps, steps]), 0.0)
    return best(rough + np.arange(-coarse, coarse + fine, fine), rough)
