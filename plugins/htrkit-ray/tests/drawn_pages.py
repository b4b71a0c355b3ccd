"""Small pages of writing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def draw(path: Path, *texts: str) -> Path:
    """A page with a line for each text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page(*texts).save(path)
    return path


def page(*texts: str) -> Image.Image:
    pixels = np.full((640, 700), 225, np.uint8)
    for number, text in enumerate(texts):
        cv2.putText(pixels, text, (40, 74 + 90 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
    return Image.fromarray(pixels)
