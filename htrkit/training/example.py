"""What a network learns from: an image and the labels of its text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit.types import Pixels


@dataclass(frozen=True, slots=True)
class Example:
    """A preprocessed image, (height, width) uint8 dark on white, and the labels of its text."""

    pixels: Pixels
    labels: NDArray[np.int32]
    text: str
