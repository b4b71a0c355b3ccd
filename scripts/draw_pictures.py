"""Draws the pictures of the documentation by really reading an image: the pipeline, and what a step does.

python scripts/draw_pictures.py docs/pictures
"""

from __future__ import annotations

import argparse
import base64
import math
from html import escape
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, Hypothesis, Line, LogProbs, Recognizer, plugins
from htrkit.pages.images import read_images
from htrkit.preprocess.steps import build_steps
from htrkit.types import Encoded

ROOT = Path(__file__).resolve().parent.parent

WIDTH, HEIGHT = 1000, 286
INK, QUIET, ACCENT, PAPER, EDGE = "#1f2933", "#66727f", "#2f6f8f", "#ffffff", "#c9d1d9"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"

# A label is shown if it is at least this probable in some frame.
SHOWN = 0.08


def pipeline(model: str | None) -> str:
    """An SVG of a word's way from file to text, with what each stage made of it."""
    recognizer = Recognizer.load(model, decoder="beam")
    line = read_images(ROOT / "samples" / "word.png")[0]
    names = recognizer.model.preprocess
    cleaned = line
    for step in build_steps(names):
        cleaned = step(cleaned)
    encoded = next(recognizer.encode([line]))
    assert isinstance(encoded, Encoded), encoded
    log_probs = encoded.log_probs
    hypotheses = recognizer.decoder.decode(log_probs, n_best=4)
    parts = [
        stage(20, 190, "image", "word.png"),
        image(20, 190, line),
        arrow(222),
        stage(262, 190, "preprocess", ", ".join(names)),
        image(262, 190, cleaned),
        arrow(464),
        stage(504, 270, "encoder", recognizer.model.name),
        heat(504, log_probs, recognizer.model.alphabet),
        arrow(786),
        stage(826, 154, "decoder", recognizer.decoder_name),
        texts(826, 154, hypotheses),
    ]
    title = f"An image of the word {hypotheses[0].text}, cleaned, as probabilities of characters, and as text"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="{PAPER}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def stage(x: int, width: int, name: str, component: str) -> str:
    """A stage's name, the component that does it here, and the frame around what it gives."""
    return (
        text(x + width // 2, 34, name, size=17, weight=600)
        + text(x + width // 2, 56, component, size=13, fill=ACCENT)
        + f'<rect x="{x}" y="72" width="{width}" height="194" rx="8" fill="none" stroke="{EDGE}"/>'
    )


def image(x: int, width: int, line: Line) -> str:
    """A line's pixels in the middle of a stage's frame."""
    height, wide = line.pixels.shape
    scale = min((width - 24) / wide, 150 / height)
    return picture(line.pixels, x + (width - wide * scale) / 2, 169 - height * scale / 2, wide * scale, height * scale)


def heat(x: int, log_probs: LogProbs, alphabet: Alphabet) -> str:
    """The probabilities of the labels that matter, darker for higher, frames from left to right."""
    probs = np.exp(log_probs)
    shown = sorted(np.flatnonzero(probs.max(axis=0) >= SHOWN), key=lambda label: (label != 0, probs[:, label].argmax()))
    row = min(22.0, 150 / len(shown))
    top = 100 + (150 - row * len(shown)) / 2
    cells = (255 - 255 * np.sqrt(probs[:, shown].T)).astype(np.uint8)
    table = picture(cells, x + 54, top, 204, row * len(shown), extra='image-rendering="pixelated"')
    labels = [
        text(
            x + 46, round(top + row * (index + 0.72)), alphabet.decode([label]) if label else "blank", size=12, end=True
        )
        for index, label in enumerate(shown)
    ]
    return text(x + 156, 91, f"{len(log_probs)} frames", size=11, fill=QUIET) + table + "".join(labels)


def texts(x: int, width: int, hypotheses: list[Hypothesis]) -> str:
    """The decoder's hypotheses with their probabilities."""
    lines = []
    for index, hypothesis in enumerate(hypotheses):
        assert hypothesis.log_prob is not None
        y = 118 + 38 * index
        weight, fill = (600, INK) if index == 0 else (400, QUIET)
        lines.append(text(x + 14, y, hypothesis.text, size=17, fill=fill, weight=weight, start=True))
        lines.append(text(x + width - 12, y, f"{math.exp(hypothesis.log_prob):.1%}", size=12, fill=QUIET, end=True))
    return "".join(lines)


def picture(pixels: NDArray[np.uint8], x: float, y: float, width: float, height: float, extra: str = "") -> str:
    """An embedded PNG."""
    data = base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode("ascii")
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none" {extra} '
        f'href="data:image/png;base64,{data}"/>'
    )


def arrow(x: int) -> str:
    """An arrow between two frames."""
    return f'<path d="M{x} 169h24m-7 -6l7 6l-7 6" fill="none" stroke="{QUIET}" stroke-width="2"/>'


def text(
    x: int, y: int, what: str, *, size: int, fill: str = INK, weight: int = 400, start: bool = False, end: bool = False
) -> str:
    """A text, centred on ``x`` or starting or ending there."""
    anchor = "start" if start else "end" if end else "middle"
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}">'
        f"{escape(what)}</text>"
    )


def main() -> None:
    """Draw every picture."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path, help="folder to write to")
    arguments.add_argument("--model", help="a model's name or folder; htrkit's own by default")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "pipeline.svg").write_text(pipeline(given.model), encoding="utf-8")
    bleed = plugins.create("preprocessor", "bleed-through")(read_images(ROOT / "samples" / "bleed.png")[0])
    cv2.imwrite(str(given.out / "bleed-through.png"), bleed.pixels)


if __name__ == "__main__":
    main()
