"""Make one handwriting look like many: every image is drawn anew, a little differently, each time it is seen."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from htrkit.encoders.input import Ink, InputRule
from htrkit.training.backgrounds import draw_background, laid_over
from htrkit.types import Pixels

# How far widths differ within a batch.
ALIKE = 0.05
# Share of the height by which a line may be moved out of the picture.
DEEPEST_CUT = 0.15


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far each property of the writing may change; every draw is uniform within these bounds.

    Attributes
    ----------
    slant
        Shear, columns a row.
    rotation
        Degrees.
    size
        Range of the writing's size, as a share of the size that just fits.
    stretch
        Range of the width against the height.
    warp
        Standard deviation of the elastic displacement, in pixels of the network's input.
    stroke
        Probability that strokes are thickened or thinned.
    blur, noise, fade
        Probabilities of a blur, of grey noise, and of paler ink.
    grid
        Standard deviation of a second displacement, over cells larger than letters, as a share of the height: letters
        grow wider and narrower along the line, the base line bends.
    paper
        Probability of paper that is not white: texture, stains, shadow, rules, another writing shining through.
    bleed
        Probability of strokes of another line at the upper or lower edge.
    cut
        Probability that ascenders or descenders reach out of the picture.
    """

    slant: float = 0.45
    rotation: float = 3.0
    size: tuple[float, float] = (0.75, 1.08)
    stretch: tuple[float, float] = (0.75, 1.25)
    warp: float = 0.8
    stroke: float = 0.4
    blur: float = 0.15
    noise: float = 0.15
    fade: float = 0.5
    grid: float = 0.0
    paper: float = 0.0
    bleed: float = 0.0
    cut: float = 0.0

    @property
    def needs_another(self) -> bool:
        """Whether `draw` can use another image."""
        return self.bleed > 0.0 or self.paper > 0.0

    def calmer(self) -> Augmentation:
        """Half of everything: the bounds half as far from what leaves an image as it is, half the probabilities."""
        ranges = ("size", "stretch")
        halves = {field.name: getattr(self, field.name) / 2 for field in fields(self) if field.name not in ranges}
        return replace(self, size=_towards_one(self.size), stretch=_towards_one(self.stretch), **halves)

    def of_one_batch(self, rng: np.random.Generator) -> Augmentation:
        """The same, but with nearly one width for all images of a batch: padding is work for nothing."""
        stretch, size = rng.uniform(*self.stretch), rng.uniform(*self.size)
        return replace(
            self,
            stretch=(stretch * (1.0 - ALIKE), stretch * (1.0 + ALIKE)),
            size=(size * (1.0 - ALIKE), size * (1.0 + ALIKE)),
            rotation=rng.uniform(0.0, self.rotation),  # a long line shrinks as it turns, to stay in the picture
        )

    def draw(self, pixels: Pixels, rule: InputRule, rng: np.random.Generator, another: Pixels | None = None) -> Ink:
        """One more look of ``pixels`` (dark on white), fitted into the network's input.

        ``another`` is an image of other writing, for what it takes to disturb this one.
        """
        ink: Pixels = cv2.bitwise_not(pixels)
        if rng.random() < self.stroke:
            ink = _restroke(ink, rng)
        drawn = self._warped(ink, rule, rng).astype(np.float32) / 255.0
        if another is not None and self.bleed and rng.random() < self.bleed:
            drawn = _bled(drawn, another, rng)
        if rng.random() < self.fade:
            drawn = drawn ** rng.uniform(0.7, 1.4) * rng.uniform(0.6, 1.0)
        if self.paper and rng.random() < self.paper:
            drawn = laid_over(drawn, draw_background(drawn.shape[0], drawn.shape[1], rng, another))
        if rng.random() < self.blur:
            drawn = cv2.GaussianBlur(drawn, (0, 0), rng.uniform(0.4, 1.4))
        if rng.random() < self.noise:
            drawn = drawn + rng.normal(0.0, rng.uniform(0.01, 0.06), drawn.shape).astype(np.float32)
        return np.clip(drawn, 0.0, 1.0).astype(np.float32)

    def _warped(self, ink: Pixels, rule: InputRule, rng: np.random.Generator) -> Pixels:
        """Slant, turn, scale, move and warp in one resampling."""
        height, width = ink.shape
        slant = rng.uniform(-self.slant, self.slant)
        angle = np.deg2rad(rng.uniform(-self.rotation, self.rotation))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shape = turn @ np.array([[rng.uniform(*self.stretch), slant], [0.0, 1.0]])
        # the box of the transformed image, in x and y, then the scale at which it just fits
        box = np.abs(shape) @ np.array([width, height], float)
        scale = rule.scale(box[1], box[0]) * rng.uniform(*self.size)
        shape, box = shape * scale, box * scale
        out_width = rule.width or max(1, round(box[0]))
        free = np.maximum(np.array([out_width, rule.height]) - box, 0.0)
        centre = box / 2 + free * rng.random(2)
        if self.cut and rng.random() < self.cut:
            centre[1] = rule.height / 2 + rng.choice([-1, 1]) * rng.uniform(0.05, DEEPEST_CUT) * rule.height
        elif np.any(box > (out_width, rule.height)):
            centre = np.where(box > (out_width, rule.height), np.array([out_width, rule.height]) / 2, centre)
        back = np.linalg.inv(shape)
        columns, rows = np.meshgrid(np.arange(out_width, dtype=np.float32), np.arange(rule.height, dtype=np.float32))
        if self.warp:
            cells = (3, max(2, out_width * 8 // (3 * rule.height)))
            columns += _smooth_field(columns.shape, cells, self.warp, rng)
            rows += _smooth_field(rows.shape, cells, self.warp, rng)
        if self.grid:
            cells = (2, max(2, round(out_width / (1.5 * rule.height)) + 1))
            columns += _smooth_field(columns.shape, cells, self.grid * rule.height, rng)
            rows += _smooth_field(rows.shape, (1, cells[1]), self.grid * rule.height / 2, rng)
        columns, rows = columns + 0.5 - centre[0], rows + 0.5 - centre[1]
        map_x = (back[0, 0] * columns + back[0, 1] * rows + width / 2 - 0.5).astype(np.float32)
        map_y = (back[1, 0] * columns + back[1, 1] * rows + height / 2 - 0.5).astype(np.float32)
        if scale < 0.75:  # bilinear sampling alone would drop thin strokes
            ink = cv2.blur(ink, (2, 2)) if scale > 0.4 else cv2.blur(ink, (3, 3))
        return np.asarray(cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR, borderValue=0), np.uint8)


def _towards_one(bounds: tuple[float, float]) -> tuple[float, float]:
    return (1.0 + bounds[0]) / 2, (1.0 + bounds[1]) / 2


def _restroke(ink: Pixels, rng: np.random.Generator) -> Pixels:
    """Thicken or thin the strokes by about a pixel."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3) if rng.random() < 0.7 else (2, 2))
    changed = (cv2.dilate if rng.random() < 0.6 else cv2.erode)(ink, kernel)
    share = rng.uniform(0.3, 1.0)
    return np.asarray(cv2.addWeighted(ink, 1.0 - share, changed, share, 0.0), np.uint8)


def _bled(ink: Ink, another: Pixels, rng: np.random.Generator) -> Ink:
    """The feet of another line at the upper edge, or the heads of one at the lower edge."""
    height, width = ink.shape
    other = cv2.bitwise_not(another)
    scale = height / other.shape[0] * rng.uniform(0.8, 1.2)
    size = (max(1, round(other.shape[1] * scale)), max(2, round(other.shape[0] * scale)))
    other = cv2.resize(other, size, interpolation=cv2.INTER_AREA)
    depth = max(1, min(len(other) // 2, round(rng.uniform(0.05, 0.25) * height)))
    above = rng.random() < 0.5
    strip = (other[-depth:] if above else other[:depth]).astype(np.float32) / 255.0
    left = int(rng.integers(0, max(1, strip.shape[1] - width // 2)))
    strip = strip[:, left : left + width]
    bled = ink.copy()
    place = bled[:depth, : strip.shape[1]] if above else bled[-depth:, : strip.shape[1]]
    np.maximum(place, strip, out=place)
    return bled


def _smooth_field(shape: tuple[int, ...], cells: tuple[int, int], strength: float, rng: np.random.Generator) -> Ink:
    """Random displacements (height, width) that change slowly: a coarse grid of draws, interpolated."""
    height, width = shape
    coarse = rng.normal(0.0, strength, cells).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


# A line is turned less than a word, whose height it would leave sooner; its sides are where more of the world shows.
LINES = Augmentation(
    rotation=1.0, size=(0.8, 1.1), warp=1.2, blur=0.2, noise=0.2, grid=0.05, paper=0.35, bleed=0.15, cut=0.1
)
