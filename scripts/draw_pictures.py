"""Draws the pictures of the documentation by really reading an image: the pipeline, and what a step does.

python scripts/draw_pictures.py docs/pictures
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import typer
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from htrkit import Alphabet, Hypothesis, LogProbs, Recognizer, plugins
from htrkit.jobs import read_files, segment_files
from htrkit.pages.images import read_images
from htrkit.preprocess.steps import apply_steps
from htrkit.types import Encoded, Line, Page, Result, Run

ROOT = Path(__file__).resolve().parent.parent
QUIET, ACCENT, EDGE = "#66727f", "#2f6f8f", "#c9d1d9"
SHOWN = 0.08
"""A label is shown if it is at least this probable in some frame."""


def pipeline(model: str | None, out: Path) -> None:
    """A word's way from file to text, with what each stage made of it."""
    recognizer = Recognizer.load(model, decoder="beam")
    line = read_images(ROOT / "samples" / "word.png")[0]
    cleaned, encoded = apply_steps(recognizer.steps, line), next(recognizer.encode([line]))
    assert isinstance(cleaned, Line), cleaned
    assert isinstance(encoded, Encoded), encoded
    figure = Figure(figsize=(10, 2.86))
    figure.subplots_adjust(0.02, 0.1, 0.98, 0.74, wspace=0.28)
    stages = {
        "image": "word.png",
        "preprocess": ", ".join(recognizer.model.preprocess),
        "encoder": recognizer.model.name,
        "decoder": recognizer.decoder_name,
    }
    panels = figure.subplots(1, 4, width_ratios=(190, 190, 240, 154))
    for panel, (stage, component) in zip(panels, stages.items(), strict=True):
        panel.set_title(component, color=ACCENT, fontsize=8.5)
        panel.text(0.5, 1.17, stage, transform=panel.transAxes, ha="center", fontsize=12, weight="bold")
        panel.spines[:].set_color(EDGE)
        panel.set(xticks=(), yticks=())
    for before in panels[:-1]:
        arrow = {"arrowstyle": "->", "color": QUIET, "linewidth": 1.5}
        before.annotate("", (1.17, 0.5), (1.03, 0.5), "axes fraction", arrowprops=arrow)
    for panel, pixels in ((panels[0], line.pixels), (panels[1], cleaned.pixels)):
        panel.imshow(pixels, cmap="grey", vmin=0, vmax=255)
        panel.set_adjustable("datalim")
    heat(panels[2], encoded.log_probs, recognizer.model.alphabet)
    texts(panels[3], recognizer.decoder.decode(encoded.log_probs, n_best=4))
    with matplotlib.rc_context({"svg.hashsalt": "htrkit", "svg.fonttype": "none"}):
        figure.savefig(out, metadata={"Date": None, "Creator": None, "Title": "A word from its image to its text"})


def heat(panel: Axes, log_probs: LogProbs, alphabet: Alphabet) -> None:
    """The probabilities of the labels that matter, darker for higher, frames from left to right."""
    probs = np.exp(log_probs)
    shown = sorted(np.flatnonzero(probs.max(axis=0) >= SHOWN), key=lambda label: (label != 0, probs[:, label].argmax()))
    panel.imshow(np.sqrt(probs[:, shown].T), cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    names = [alphabet.decode([label]) if label else "blank" for label in shown]
    panel.set_yticks(range(len(shown)), names, fontsize=8)
    panel.tick_params(length=0)
    panel.set_xlabel(f"{len(log_probs)} frames", fontsize=8, color=QUIET)


def texts(panel: Axes, hypotheses: list[Hypothesis]) -> None:
    """The decoder's hypotheses with their probabilities."""
    for row, hypothesis in enumerate(hypotheses):
        y, colour = 0.85 - 0.22 * row, QUIET if row else "black"
        panel.text(0.06, y, hypothesis.text, transform=panel.transAxes, fontsize=11, color=colour)
        sure = f"{math.exp(hypothesis.log_prob or 0.0):.1%}"
        panel.text(0.96, y, sure, transform=panel.transAxes, fontsize=8, color=QUIET, ha="right")


def page(model: str | None, out: Path) -> None:
    """A page of the letter with its lines and words as they are found, and beside each line what is read."""
    recognizer = Recognizer.load(model, decoder="beam:language_model=english-characters")
    found = list(read_files(recognizer, [str(ROOT / "samples" / "letter" / "page-2.jpg")]))
    sheet, results = found[0], [one for one in found if isinstance(one, Result)]
    assert isinstance(sheet, Page), sheet
    rows, columns = sheet.pixels.shape
    figure = Figure(figsize=(10, 5.4))
    scan, text = figure.subplots(1, 2, sharey=True, gridspec_kw={"wspace": 0.03})
    figure.subplots_adjust(0.005, 0.01, 0.995, 0.99)
    scan.imshow(sheet.pixels, cmap="grey", vmin=0, vmax=255, aspect="auto")
    for panel in (scan, text):
        panel.set(xlim=(0, columns), ylim=(rows, 0), xticks=(), yticks=())
        panel.spines[:].set_color(EDGE)
    for number, result in enumerate(results, start=1):
        assert result.place, result
        scan.fill(*zip(*result.place.polygon, strict=True), color=ACCENT, alpha=0.16, linewidth=0)
        scan.plot(*zip(*result.place.baseline, strict=True), color=ACCENT, linewidth=1.2)
        left, top = result.place.baseline[0]
        scan.text(left - 14, top, str(number), fontsize=7, color=ACCENT, ha="right")
        text.text(40, top, result.text, fontsize=10.5, va="baseline")
    figure.savefig(out, dpi=110, pil_kwargs={"quality": 80})


def lines(out: Path) -> None:
    """A page of the letter as ``htrkit segment --format overlay`` draws it."""
    (page,) = segment_files([str(ROOT / "samples" / "letter" / "page-1.jpg")])
    writer = plugins.create("writer", "overlay", Run("", ""), longest=1000)
    picture = np.frombuffer(b"".join(writer([], page)), np.uint8)
    cv2.imwrite(str(out), cv2.imdecode(picture, cv2.IMREAD_COLOR), [cv2.IMWRITE_JPEG_QUALITY, 80])


def main(out: Path, model: str | None = None) -> None:
    """Draw every picture into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    page(model, out / "page.jpg")
    lines(out / "lines.jpg")
    pipeline(model, out / "pipeline.svg")
    bleed = plugins.create("preprocessor", "bleed-through")(read_images(ROOT / "samples" / "bleed.png")[0])
    cv2.imwrite(str(out / "bleed-through.png"), bleed.pixels)


if __name__ == "__main__":
    typer.run(main)
