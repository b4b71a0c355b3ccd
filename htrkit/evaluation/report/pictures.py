"""Pictures inside the HTML report, as data URIs: a line's image, and the network's probabilities over time."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import cv2
import numpy as np

from htrkit.alphabet import BLANK
from htrkit.types import LogProbs, Pixels

HEIGHT = 64
"""Pixels of a line's image; larger ones are shrunk."""
QUALITY = 55
SHOWN = 0.05
"""The heat map has a row for every label that some frame gives this probability, and for no more labels than ROWS."""
ROWS = 40
COLOUR = (196, 120, 30)
"""Blue, green, red: legible on white and on black; the probability is the opacity."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Probabilities over time: the labels of the rows from top to bottom, and a PNG with a pixel for each frame and
    row.
    """

    labels: tuple[str, ...]
    uri: str
    frames: int


def line_image(pixels: Pixels) -> str:
    """A line's image as WebP."""
    height, width = pixels.shape
    if height > HEIGHT:
        size = (max(1, round(width * HEIGHT / height)), HEIGHT)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, encoded = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return _uri("webp", encoded.tobytes())


def heat_map(log_probs: LogProbs, alphabet: str) -> HeatMap:
    """The probable labels of (frames, labels), in the order in which they come up, the blank last."""
    probs = np.exp(log_probs.astype(np.float64))
    highest = probs.max(axis=0)
    probable = [label for label in np.argsort(-highest, kind="stable")[:ROWS] if label != BLANK]
    chosen = [label for label in probable if highest[label] >= SHOWN]
    rows = [*sorted(chosen, key=lambda label: (probs[:, label].argmax(), label)), BLANK]
    image = np.zeros((len(rows), len(probs), 4), np.uint8)
    image[:, :, :3] = COLOUR
    image[:, :, 3] = np.round(probs[:, rows].T * 255)
    _, encoded = cv2.imencode(".png", image)
    labels = ("blank" if label == BLANK else alphabet[label - 1].replace(" ", "␣") for label in rows)
    return HeatMap(tuple(labels), _uri("png", encoded.tobytes()), len(probs))


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
