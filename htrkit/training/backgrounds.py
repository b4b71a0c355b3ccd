"""Paper that is not white: what is left of stains, shadows, rules and the other side after an image was cleaned."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from htrkit.encoders.input import Ink
from htrkit.types import Pixels

# Darkness of what is on the paper, as a share of black; the darkest is still paler than most ink.
FAINTEST, DARKEST = 0.04, 0.35


def draw_background(height: int, width: int, rng: np.random.Generator, behind: Pixels | None = None) -> Ink:
    """One or two faults of paper, (height, width), 0 for none; an image may shine through from ``behind``."""
    kinds: list[Callable[[int, int, np.random.Generator], Ink]] = [_texture, _blotches, _shadow, _rules]
    if behind is not None:
        kinds.append(lambda height, width, rng: _shining_through(behind, height, width, rng))
    chosen = rng.choice(len(kinds), rng.integers(1, 3), replace=False)
    drawn = np.zeros((height, width), np.float32)
    for i in chosen:
        drawn = laid_over(drawn, kinds[i](height, width, rng))
    return drawn


def laid_over(ink: Ink, background: Ink) -> Ink:
    """Both together, as light sees them: what passes the one is dimmed by the other."""
    return np.asarray(1.0 - (1.0 - ink) * (1.0 - background), np.float32)


def _texture(height: int, width: int, rng: np.random.Generator) -> Ink:
    """Fibres: fine grain, drawn out along a direction."""
    grain = rng.random((height, width)).astype(np.float32)
    along = (int(rng.integers(1, 8)), int(rng.integers(1, 4)))
    grain = _spread(cv2.blur(grain, along))
    return grain * np.float32(rng.uniform(FAINTEST, DARKEST / 2))


def _blotches(height: int, width: int, rng: np.random.Generator) -> Ink:
    """Stains of the size of letters and larger."""
    cell = rng.uniform(0.3, 1.5) * height
    blots = _smooth(height, width, cell, rng)
    return np.clip(blots * 2.0 - 1.0, 0.0, 1.0) * np.float32(rng.uniform(FAINTEST, DARKEST))


def _shadow(height: int, width: int, rng: np.random.Generator) -> Ink:
    """A soft edge across the line, darker on one side: a hand, a fold, the gutter of a book."""
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    angle, softness = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 1.0) * height
    distance = (columns - rng.uniform(0, width)) * np.cos(angle) + (rows - height / 2) * np.sin(angle)
    edge = 1.0 / (1.0 + np.exp(-np.clip(distance / softness, -30, 30)))
    return np.asarray(edge * rng.uniform(FAINTEST, DARKEST), np.float32)


def _rules(height: int, width: int, rng: np.random.Generator) -> Ink:
    """One or two ruled lines, or squares, a little aslant, sometimes faint, sometimes nearly as dark as ink."""
    drawn = np.zeros((height, width), np.float32)
    strength, thick = rng.uniform(0.1, 0.7), int(rng.integers(1, max(2, height // 24) + 1))
    spacing, tilt = rng.uniform(0.4, 1.0) * height, rng.normal(0.0, 0.01) * width
    y = rng.uniform(0, spacing)
    while y < height:
        cv2.line(drawn, (0, round(y)), (width, round(y + tilt)), strength, thick, cv2.LINE_AA)
        y += spacing
    if rng.random() < 0.15:
        for x in np.arange(rng.uniform(0, spacing), width, spacing):
            cv2.line(drawn, (round(x), 0), (round(x - tilt), height), strength, thick, cv2.LINE_AA)
    # rules are broken and uneven, as ink and cleaning leave them
    return drawn * (0.5 + 0.5 * _smooth(height, width, height, rng))


def _shining_through(behind: Pixels, height: int, width: int, rng: np.random.Generator) -> Ink:
    """Another writing, mirrored, blurred and faint."""
    mirrored = cv2.flip(cv2.bitwise_not(behind), 1)
    scale = height / mirrored.shape[0] * rng.uniform(0.8, 1.3)
    size = (max(1, round(mirrored.shape[1] * scale)), max(1, round(mirrored.shape[0] * scale)))
    mirrored = cv2.resize(mirrored, size, interpolation=cv2.INTER_AREA)
    tiled = np.tile(mirrored, (2 + height // mirrored.shape[0], 2 + width // mirrored.shape[1]))
    top, left = rng.integers(0, mirrored.shape[0]), rng.integers(0, mirrored.shape[1])
    cut = tiled[top : top + height, left : left + width].astype(np.float32) / 255.0
    return np.asarray(cv2.GaussianBlur(cut, (0, 0), rng.uniform(0.8, 2.0)) * rng.uniform(0.1, 0.45), np.float32)


def _smooth(height: int, width: int, cell: float, rng: np.random.Generator) -> Ink:
    """Noise that changes over ``cell`` pixels, from 0 to 1."""
    coarse = rng.random((max(2, round(height / cell) + 1), max(2, round(width / cell) + 1))).astype(np.float32)
    fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(fine, 0.0, 1.0), np.float32)


def _spread(values: Ink) -> Ink:
    low, high = float(values.min()), float(values.max())
    return (values - low) / max(high - low, 1e-6)
