"""From ink to an image of writing: stroke width, slant, ink, paper, and what a scanner or a phone makes of it."""

from __future__ import annotations

import cv2
import numpy as np

from htrkit.encoders.input import Ink
from htrkit.training.backgrounds import draw_background, laid_over
from htrkit.types import Pixels


def restroked(ink: Ink, rng: np.random.Generator) -> Ink:
    """Strokes thicker or thinner by up to about three pixels, their edges a little frayed."""
    reach = rng.uniform(0.6, 3.0)
    soft = cv2.GaussianBlur(ink, (0, 0), reach)
    grain = cv2.GaussianBlur(rng.normal(0.0, 1.0, ink.shape).astype(np.float32), (0, 0), 1.5)
    threshold = rng.uniform(0.22, 0.55) + 0.12 * grain
    return np.asarray(np.clip((soft - threshold) * 4.0 + 0.5, 0.0, 1.0) * (soft > 0.02), np.float32)


def slanted(ink: Ink, rng: np.random.Generator) -> Ink:
    """Leaning by up to 0.3 columns a row, the base line not quite straight, letters wider here and narrower there."""
    slant = rng.uniform(-0.3, 0.3)
    height, width = ink.shape
    lean = round(abs(slant) * height)
    out_width = round((width + lean) * rng.uniform(0.85, 1.2))
    columns, rows = np.meshgrid(np.arange(out_width, dtype=np.float32), np.arange(height, dtype=np.float32))
    cells = max(2, out_width // (2 * height) + 1)
    wave = cv2.resize(rng.normal(0.0, 0.02 * height, (1, cells)).astype(np.float32), (out_width, height))
    swell = cv2.resize(rng.normal(0.0, 0.06 * height, (1, cells)).astype(np.float32), (out_width, height))
    x = (columns + swell) * ((width + lean) / out_width) - lean / 2 + slant * (rows - height / 2)
    return np.asarray(cv2.remap(ink, x.astype(np.float32), rows + wave, cv2.INTER_LINEAR, borderValue=0), np.float32)


def scaled(ink: Ink, height: int) -> Ink:
    """As high as asked, aspect kept."""
    width = max(1, round(ink.shape[1] * height / ink.shape[0]))
    shrinks = height < ink.shape[0]
    resized = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def photographed(ink: Ink, rng: np.random.Generator) -> Pixels:
    """An image, dark on light: ink of some darkness, that flows unevenly, on paper of some shade and texture."""
    height, width = ink.shape
    cells = (2, max(2, width // (2 * height) + 2))
    flow = cv2.resize(rng.uniform(0.75, 1.0, cells).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    dark = np.asarray(ink * np.clip(flow, 0.5, 1.0) * rng.uniform(0.5, 1.0), np.float32)
    if rng.random() < 0.5:
        dark = laid_over(dark, draw_background(height, width, rng))
    if rng.random() < 0.4:
        dark = cv2.GaussianBlur(dark, (0, 0), rng.uniform(0.4, 1.0) * height / 64)
    paper = rng.uniform(175, 255)
    image = paper * (1.0 - dark) + dark * rng.uniform(0, 50)
    image += rng.normal(0.0, rng.uniform(0.0, 7.0), image.shape)
    return np.asarray(np.clip(image, 0, 255), np.uint8)
