"""Turn samples into examples: preprocess, shrink, label, and leave out what cannot be learnt, saying so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.ctc import frames_needed
from htrkit.decoding import LINES_AT_ONCE
from htrkit.encoders.input import InputRule
from htrkit.preprocess.steps import apply_steps
from htrkit.readers.samples import Skipped, SkippedKind, counted
from htrkit.training.example import Example
from htrkit.types import Pixels, Preprocessor, Sample

# Augmentation shrinks and slants: keeping twice the network's height loses nothing that it could see.
STORED_SCALE = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A preprocessed, shrunk image with its text."""

    id: str
    pixels: Pixels
    text: str
    groups: dict[str, str]


def prepare(
    samples: Iterable[Sample], steps: Sequence[Preprocessor], rule: InputRule, tick: Callable[[int], None]
) -> list[Prepared]:
    """Preprocess every sample, on all cores, and shrink it to what training needs; ``tick`` hears how many are done."""

    def one(sample: Sample) -> Prepared:
        line = apply_steps(steps, sample.line)
        return Prepared(line.id, _shrunk(line.pixels, rule), sample.text, sample.groups)

    prepared: list[Prepared] = []
    waiting = iter(samples)
    with ThreadPoolExecutor() as pool:
        while chunk := list(islice(waiting, LINES_AT_ONCE)):
            prepared += pool.map(one, chunk)
            tick(len(prepared))
    return prepared


def examples(
    prepared: Iterable[Prepared], alphabet: Alphabet, rule: InputRule
) -> tuple[list[Example], tuple[SkippedKind, ...]]:
    """The examples that the network can learn from, and what was left out and why."""
    kept: list[Example] = []
    left_out: list[Skipped] = []
    for item in prepared:
        if not item.text:
            left_out.append(Skipped(item.id, "empty text"))
        elif unknown := alphabet.unknown(item.text):
            left_out.append(Skipped(item.id, f"characters outside the alphabet: {' '.join(unknown)}"))
        else:
            labels = alphabet.encode(item.text)
            frames = rule.frames(rule.width or rule.fitted_size(*item.pixels.shape)[1])
            if frames < frames_needed(labels):
                left_out.append(Skipped(item.id, "its text needs more frames than the image has"))
            else:
                kept.append(Example(item.pixels, labels, item.text))
    return kept, counted(left_out)


def hold_out(
    prepared: Sequence[Prepared], fraction: float, by: str | None, seed: int
) -> tuple[list[Prepared], list[Prepared]]:
    """Split into training and validation samples; whole groups of the column ``by`` stay together."""
    groups = [item.groups.get(by, "") for item in prepared] if by else [str(i) for i in range(len(prepared))]
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    wanted, held, count = fraction * len(prepared), set(), 0
    for i in order[:-1]:
        if count >= wanted:
            break
        held.add(names[i])
        count += groups.count(names[i]) if by else 1
    train = [item for item, group in zip(prepared, groups, strict=True) if group not in held]
    valid = [item for item, group in zip(prepared, groups, strict=True) if group in held]
    return train, valid


def _shrunk(pixels: Pixels, rule: InputRule) -> Pixels:
    height, width = pixels.shape
    scale = STORED_SCALE * rule.scale(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
