"""How much worse a model reads lines that were spoilt as scanners, phones, pens and paper spoil them.

python scripts/measure_robustness.py iam-lines/valid.tsv [--model M] [--decoder D] [--preprocess STEPS] [--every 5]
                                     [--faults WORD]

Every fault is applied to the same lines, before any preprocessing, and drawn from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from htrkit.cli.reading import split_steps
from htrkit.evaluation.figures.metrics import count_errors
from htrkit.readers import open_samples
from htrkit.recognizer import Recognizer
from htrkit.types import Pixels, Result

Fault = Callable[[Pixels, np.random.Generator], Pixels]
SEED = 0
SIDES = ("top", "bottom", "left", "right")
INK = 20


def main(
    data: Path,
    model: str | None = None,
    decoder: str | None = None,
    preprocess: str | None = None,
    every: int = 5,
    faults: str = "",
) -> None:
    """Print the CER and WER of each fault that has ``faults`` in its name, on one line in ``every``."""
    steps = None if preprocess is None else split_steps(preprocess)
    recognizer = Recognizer.load(model, decoder=decoder, preprocess=steps)
    samples = list(islice(open_samples([data]), 0, None, every))
    print(f"{len(samples)} lines of {data.name}, {recognizer.model.name}, {recognizer.decoder_name}")
    print(f"{'':44} {'CER':>7} {'WER':>7}")
    for name, fault in FAULTS.items():
        if faults not in name:
            continue
        rng = np.random.default_rng(SEED)
        lines = [replace(sample.line, pixels=fault(sample.line.pixels, rng)) for sample in samples]
        read = [found.text if isinstance(found, Result) else "" for found in recognizer.recognize(lines)]
        errors = count_errors([(sample.text, text) for sample, text in zip(samples, read, strict=True)])
        print(f"{name:44} {errors.cer:7.2%} {errors.wer:7.2%}", flush=True)


def _on_paper(pixels: Pixels, light: NDArray[np.float32]) -> Pixels:
    """The line where paper reflects a share ``light`` of what white reflects."""
    return np.clip(pixels.astype(np.float32) * light, 0, 255).astype(np.uint8)


def _pale(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return np.asarray(191 + pixels // np.uint8(4), np.uint8)


def _shadow(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    across = np.linspace(0.35, 1.0, pixels.shape[1], dtype=np.float32)
    return _on_paper(pixels, across if rng.random() < 0.5 else across[::-1])


def _stains(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape
    coarse = rng.uniform(0.5, 1.0, (3, max(3, width // height * 2))).astype(np.float32)
    return _on_paper(pixels, np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0.4, 1.0))


def _rules(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    ruled = pixels.copy()
    height, width = pixels.shape
    y = rng.uniform(0.5, 0.9) * height
    cv2.line(ruled, (0, round(y)), (width, round(y + rng.normal(0, 0.03) * height)), 150, 2, cv2.LINE_AA)
    return np.minimum(ruled, pixels)


def _squares(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    ruled, step = pixels.copy(), max(8, round(pixels.shape[0] * rng.uniform(0.3, 0.5)))
    ruled[step // 2 :: step] = 190
    ruled[:, step // 2 :: step] = 190
    return np.minimum(ruled, pixels)


def _phone(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(_shadow(pixels, rng), (0, 0), 0.02 * pixels.shape[0]).astype(np.float32)
    noisy = np.clip(soft + rng.normal(0, 10, soft.shape), 0, 255).astype(np.uint8)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0), np.uint8)


def _framed(thickness: int) -> Fault:
    def frame(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        inside = pixels[thickness:-thickness, thickness:-thickness]
        return np.pad(inside, thickness, constant_values=INK)

    return frame


def _turned_frame(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return _turned(0.5)(_framed(2)(pixels, rng), rng)


def _black(*sides: str) -> Fault:
    """Black beside the paper, as wide as a twentieth to a quarter of the line's height, with a scanner's noise."""

    def strips(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        top, bottom, left, right = (round(rng.uniform(0.05, 0.25) * pixels.shape[0]) * (s in sides) for s in SIDES)
        wide = np.pad(pixels, ((top, bottom), (left, right)), constant_values=INK).astype(np.float64)
        beside = np.pad(np.zeros(pixels.shape), ((top, bottom), (left, right)), constant_values=4.0)
        return np.clip(wide + rng.normal(0.0, 1.0, wide.shape) * beside, 0, 255).astype(np.uint8)

    return strips


def _turned(degrees: float) -> Fault:
    def turn(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        width = pixels.shape[1]
        wide = _with_margin(pixels, round(np.tan(np.deg2rad(degrees)) * width), 0)
        matrix = cv2.getRotationMatrix2D((width / 2, wide.shape[0] / 2), degrees * rng.choice([-1, 1]), 1.0)
        size = (width, wide.shape[0])
        return np.asarray(cv2.warpAffine(wide, matrix, size, borderValue=_paper(pixels)), np.uint8)

    return turn


def _neighbours(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The feet of a line above and the heads of one below, of the same hand."""
    height, width = pixels.shape
    depth = round(0.15 * height)
    other = np.roll(pixels, int(rng.integers(width)), axis=1)
    crowded = _with_margin(pixels, depth // 2, 0)
    crowded[:depth] = np.minimum(crowded[:depth], other[-depth:])
    crowded[-depth:] = np.minimum(crowded[-depth:], other[:depth])
    return crowded


def _small(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    scale = 32 / pixels.shape[0]
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _margins(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    margin = round(0.6 * pixels.shape[0])
    return _with_margin(pixels, margin, margin)


def _with_margin(pixels: Pixels, rows: int, columns: int) -> Pixels:
    return np.pad(pixels, ((rows, rows), (columns, columns)), constant_values=_paper(pixels))


def _paper(pixels: Pixels) -> int:
    return int(np.percentile(pixels, 95))


FAULTS: dict[str, Fault] = {
    "as scanned": lambda pixels, rng: pixels,
    "light on dark": lambda pixels, rng: np.invert(pixels),
    "pale ink (a quarter of the contrast)": _pale,
    "dark paper (half as bright)": lambda pixels, rng: _on_paper(pixels, np.array(0.5, np.float32)),
    "a shadow across the line": _shadow,
    "stained paper": _stains,
    "a rule under the writing": _rules,
    "squared paper": _squares,
    "phone: shadow, blur, noise, JPEG": _phone,
    "turned by 1 degree": _turned(1.0),
    "turned by 2 degrees": _turned(2.0),
    "a frame of 1 pixel": _framed(1),
    "a frame of 2 pixels": _framed(2),
    "a frame of 4 pixels": _framed(4),
    "a frame of 2 pixels, turned by half a degree": _turned_frame,
    "black at the left": _black("left"),
    "black below": _black("bottom"),
    "black all around": _black(*SIDES),
    "neighbouring lines within the image": _neighbours,
    "wide margins": _margins,
    "32 pixels high": _small,
}


if __name__ == "__main__":
    typer.run(main)
