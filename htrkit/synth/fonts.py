"""Lines from handwriting fonts, no two letters of which are quite alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import ImageFont

from htrkit.encoders.input import Ink
from htrkit.errors import InputError, UsageError

SUFFIXES = (".ttf", ".otf")
# Pixels of the font's em, at which glyphs are drawn before the line is shrunk to its height.
EM = 96
LARGEST_GLYPH = 20 * EM
# OpenCV moves no pixels of images that are longer than 32,767; 72 letters as wide as high have 7,000.
LONGEST_LINE = 24_000
# A code point that is no character, and so in no font: what is drawn for it stands for everything that is missing.
MISSING = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hand:
    """How unevenly a hand writes with a font; standard deviations, lengths as shares of the em.

    Attributes
    ----------
    baseline, drift
        Up and down, from letter to letter and slowly along the line.
    size, slant, turn
        Of single letters: share of the size, columns a row, degrees.
    warp
        Displacement of a letter's parts against each other.
    gap
        Of the spaces between words, as a share of their width.
    """

    baseline: float = 0.012
    drift: float = 0.02
    size: float = 0.035
    slant: float = 0.04
    turn: float = 1.5
    warp: float = 0.018
    gap: float = 0.25


class Font:
    """One font file.

    Raises
    ------
    InputError
        If it is no font that FreeType reads, or a letter is of a size that no letter has.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._font = ImageFont.truetype(str(path), EM, layout_engine=ImageFont.Layout.BASIC)
        except OSError as error:
            raise InputError(f"{path} cannot be read as a font: {error}") from error
        self._missing = self._mask(MISSING)[0].tobytes()
        self.glyph = lru_cache(maxsize=512)(self._mask)

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        return all(c == " " or self._has(c) for c in set(text))

    def advance(self, text: str) -> float:
        """Width of ``text`` in pixels, kerned."""
        return self._possible(float(self._font.getlength(text)), len(text))

    def _has(self, character: str) -> bool:
        ink, _, _ = self.glyph(character)
        return bool(ink.any()) and ink.tobytes() != self._missing

    def _possible(self, pixels: float, characters: int = 1) -> float:
        if not 0.0 <= pixels <= LARGEST_GLYPH * characters:
            raise InputError(f"{self.path} is damaged: it has letters of {pixels / EM:,.0f} times their height")
        return pixels

    def _mask(self, character: str) -> tuple[Ink, int, int]:
        """A glyph's ink, and where its left upper corner stands: columns from the pen, rows from the base line."""
        left, top, right, bottom = self._font.getbbox(character, anchor="ls")
        if right <= left or bottom <= top:
            return np.zeros((1, 1), np.float32), 0, 0
        self._possible(max(right - left, bottom - top, abs(left), abs(bottom)))
        mask, (x, y) = self._font.getmask2(character, mode="L", anchor="ls")
        ink = np.frombuffer(bytes(mask), np.uint8).reshape(mask.size[::-1]).astype(np.float32) / 255.0
        return ink, int(x), int(y)


def find_fonts(paths: Sequence[Path]) -> list[Font]:
    """The fonts among ``paths`` and in the folders among them, sorted by their paths.

    Raises
    ------
    UsageError
        If a path does not exist or holds no font.
    InputError
        If a font cannot be read.
    """
    found: list[Path] = []
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        if not files or not path.exists():
            raise UsageError(f"{path} holds no font: name .ttf or .otf files, or a folder of them")
        found += files
    return [Font(path) for path in dict.fromkeys(found)]


def write_line(text: str, font: Font, rng: np.random.Generator, hand: Hand | None = None) -> Ink:
    """The ink of ``text``, (rows, columns) from 0 to 1, with about a quarter of an em around it.

    Raises InputError if it is longer than any line.
    """
    hand = hand or Hand()
    room = EM // 2
    rows, base = 3 * EM, round(1.8 * EM)
    drift = _wander(len(text), hand.drift * EM, rng)
    gaps = np.cumsum([rng.normal(0.0, hand.gap) * font.advance(" ") if c == " " else 0.0 for c in text])
    gaps = np.maximum.accumulate(np.maximum(gaps, 0.0)) if rng.random() < 0.5 else np.maximum(gaps, -0.2 * room)
    columns = round(font.advance(text) + max(0.0, float(gaps.max(initial=0.0)))) + 4 * room
    if columns > LONGEST_LINE:
        raise InputError(f"{font.path} is damaged: {len(text)} letters are {columns / EM:,.0f} times as long as high")
    line = np.zeros((rows, columns), np.float32)
    for i, character in enumerate(text):
        if character == " ":
            continue
        glyph, left, top = font.glyph(character)
        drawn, margin = _varied(glyph, hand, rng)
        x = round(room + font.advance(text[: i + 1]) - font.advance(character) + gaps[i]) + left - margin
        y = round(base + drift[i] + rng.normal(0.0, hand.baseline) * EM) + top - margin
        press(line, drawn, x, y)
    return trimmed(line, EM // 4)


def trimmed(ink: Ink, margin: int) -> Ink:
    """Cut to the ink, with so many pixels of paper around it."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return ink
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(np.pad(cut, margin), np.float32)


def _varied(glyph: Ink, hand: Hand, rng: np.random.Generator) -> tuple[Ink, int]:
    """A glyph drawn a little differently, and the pixels of paper that were put around it."""
    margin = EM // 8
    height, width = glyph.shape[0] + 2 * margin, glyph.shape[1] + 2 * margin
    angle, size = np.deg2rad(rng.normal(0.0, hand.turn)), 1.0 + rng.normal(0.0, hand.size)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = turn @ np.array([[1.0, rng.normal(0.0, hand.slant)], [0.0, 1.0]]) / size
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    for field in (columns, rows):
        coarse = rng.normal(0.0, hand.warp * EM, (3, 3)).astype(np.float32)
        field += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    x, y = columns - width / 2, rows - height / 2
    map_x = (shape[0, 0] * x + shape[0, 1] * y + glyph.shape[1] / 2).astype(np.float32)
    map_y = (shape[1, 0] * x + shape[1, 1] * y + glyph.shape[0] / 2).astype(np.float32)
    return np.asarray(cv2.remap(glyph, map_x, map_y, cv2.INTER_LINEAR, borderValue=0), np.float32), margin


def press(line: Ink, glyph: Ink, x: int, y: int) -> None:
    """Put ink, such as a glyph, on a line or page: where both have ink, the darker stays."""
    top, left = max(0, y), max(0, x)
    part = line[top : max(0, y + glyph.shape[0]), left : max(0, x + glyph.shape[1])]
    glyph = glyph[top - y :, left - x :][: part.shape[0], : part.shape[1]]
    np.maximum(part, glyph, out=part)


def _wander(n: int, strength: float, rng: np.random.Generator) -> Ink:
    """(n,) offsets that change slowly."""
    coarse = rng.normal(0.0, strength, (1, 2 + n // 8)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (max(1, n), 1), interpolation=cv2.INTER_CUBIC)[0], np.float32)
