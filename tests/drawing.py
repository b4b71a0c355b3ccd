"""Handwriting-like images, drawn for the tests with OpenCV's stroke font: the suite needs no data of anybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from htrkit.types import Line, Pixels, Sample

WORDS = (
    "Often",
    "quick",
    "brown",
    "letters",
    "and",
    "Maud",
    "said",
    "garden",
    "why",
    "jolly",
    "Zebra",
    "of",
    "I",
    "hand.",
)


def writing(
    text: str,
    *,
    height: int = 64,
    ink: int = 50,
    paper: int = 225,
    noise: float = 4.0,
    slant: float = 0.0,
    thickness: int = 2,
    seed: int = 0,
) -> Pixels:
    """A line of writing, (height, width) uint8, dark on light, a fifth of the height free around the ink.

    Parameters
    ----------
    noise
        Standard deviation of the paper's grain, in grey levels.
    slant
        Tangent of the angle from the vertical; positive leans to the right.
    thickness
        Of the pen, in 64ths of the height.
    """
    font, scale, margin = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.5, 20
    (width, above), below = cv2.getTextSize(text, font, scale, thickness)
    rows, columns = above + below + 2 * margin, max(width, 1) + 2 * margin
    lean = round(abs(slant) * rows)
    page = np.full((rows, columns + lean), 255, np.uint8)
    start = (margin + (0 if slant >= 0 else lean), margin + above)
    cv2.putText(page, text, start, font, scale, 0, thickness, cv2.LINE_AA)
    if slant:
        # the bottom stays where it is, the top moves by the lean
        move = np.array([[1.0, -slant, slant * rows], [0.0, 1.0, 0.0]])
        page = cv2.warpAffine(page, move, page.shape[::-1], borderValue=255)
    page = cv2.resize(page, (max(1, round(page.shape[1] * height / rows)), height), interpolation=cv2.INTER_AREA)
    shade = ink + (paper - ink) * (page / 255.0)
    grain = np.random.default_rng(seed).normal(0.0, noise, page.shape)
    return np.asarray(np.clip(shade + grain, 0, 255), np.uint8)


def line(text: str, **look: float) -> Line:
    """A line of writing whose id is its text."""
    return Line(text, writing(text, **look))  # type: ignore[arg-type]


def samples(texts: Sequence[str] = WORDS, **look: float) -> list[Sample]:
    """Samples of writing, each with another grain."""
    return [Sample(Line(f"{text}-{i}", writing(text, seed=i, **look)), text) for i, text in enumerate(texts)]  # type: ignore[arg-type]


def save(path: Path, pixels: Pixels) -> Path:
    """Write an image file; the suffix says its format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def save_table(
    folder: Path,
    texts: Sequence[str] = WORDS,
    *,
    name: str = "table.tsv",
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """A folder with an image of each text and a table of them; ``groups`` are further columns."""
    columns = dict(groups or {})
    rows = ["\t".join(["image", "text", *columns])]
    for i, text in enumerate(texts):
        image = save(folder / f"{i:03}.png", writing(text, seed=i))
        rows.append("\t".join([image.name, text, *(cells[i] for cells in columns.values())]))
    table = folder / name
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return table
