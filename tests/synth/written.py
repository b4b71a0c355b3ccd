"""Strokes and a font of the tests' own making."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_strokes(path: Path, lines: Mapping[str, str]) -> Path:
    """A file of strokes in which each character is a zigzag."""
    points, pen_up, offsets = [], [], [0]
    for text in lines.values():
        for i, character in enumerate(text):
            x, height = 60 * i, 40 + ord(character) % 60
            points += [(x, 100), (x + 20, 100 - height), (x + 30, 100), (x + 40, 70)]
            pen_up += [0, 0, 0, 1]
        offsets.append(len(points))
    np.savez(
        path,
        points=np.array(points, np.int16),
        pen_up=np.array(pen_up, np.uint8),
        offsets=np.array(offsets),
        names=np.array(list(lines)),
        texts=np.array(list(lines.values())),
    )
    return path


def write_font(path: Path, characters: str = LETTERS) -> Path:
    """A font whose letters are blocks of different heights, with a gap in the middle."""
    names = [".notdef", "space", *(f"letter{i}" for i in range(len(characters)))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({32: "space", **{ord(c): f"letter{i}" for i, c in enumerate(characters)}})
    glyphs = {}
    for i, name in enumerate(names):
        pen = TTGlyphPen(None)
        height = 300 + 15 * i
        for left in () if name == "space" else (60, 280):
            for k, corner in enumerate([(left, 0), (left, height), (left + 140, height), (left + 140, 0)]):
                (pen.lineTo if k else pen.moveTo)(corner)
            pen.closePath()
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 60)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Blocks", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path
