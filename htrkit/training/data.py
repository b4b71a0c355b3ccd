"""From data sets to what a network learns from: cleaned, shrunk, held out, labelled; what is left out is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import Alphabet
from htrkit.ctc import frames_needed
from htrkit.decoding import LINES_AT_ONCE
from htrkit.encoders.input import InputRule
from htrkit.preprocess.steps import apply_steps
from htrkit.readers import open_samples
from htrkit.readers.samples import Account, Skipped, SkippedKind
from htrkit.training.mixing import parse_sources
from htrkit.training.progress import Progress
from htrkit.training.settings import TrainSettings
from htrkit.types import Pixels, Sample

# Augmentation shrinks and slants: keeping twice the network's height loses nothing that it could see.
STORED_SCALE = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cleaned, shrunk image with its text."""

    id: str
    pixels: Pixels
    text: str
    groups: dict[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """A cleaned image, (height, width) uint8 dark on white, and the labels of its text."""

    pixels: Pixels
    labels: NDArray[np.int32]
    text: str


@dataclass(frozen=True, slots=True)
class Data:
    """What a run reads; further data of the mix by its source, and the weights of the sources."""

    train: list[Prepared]
    valid: list[Prepared]
    mix: list[list[Prepared]]
    weights: list[float]

    @property
    def texts(self) -> list[str]:
        """All that is trained on."""
        return [item.text for items in (self.train, *self.mix) for item in items]


def read_data(settings: TrainSettings, rule: InputRule, progress: Progress) -> Data:
    """Read and clean all data of a run, and hold out what it validates on."""
    steps = [step.create() for step in settings.preprocess]

    def one(sample: Sample) -> Prepared:
        line = apply_steps(steps, sample.line)
        return Prepared(line.id, _shrunk(line.pixels, rule), sample.text, sample.groups)

    def read(what: str, paths: Iterable[str]) -> list[Prepared]:
        samples = open_samples([Path(path) for path in paths], reader=settings.reader)
        waiting, prepared = iter(samples), list[Prepared]()
        progress.begin(f"reading {what}")
        with ThreadPoolExecutor() as pool:
            while chunk := list(islice(waiting, LINES_AT_ONCE)):
                prepared += pool.map(one, chunk)
                progress.done(len(chunk))
        progress.note(f"{what}: {samples.report}")
        return prepared

    train = read("training", settings.data)
    if settings.valid:
        valid = read("validation", settings.valid)
    else:
        train, valid = hold_out(train, settings.valid_fraction, settings.valid_by, settings.seed)
    paths, weights = parse_sources(settings.mix)
    return Data(train, valid, [read(f"mix {path}", [path]) for path in paths], weights)


def examples(
    prepared: Iterable[Prepared], alphabet: Alphabet, rule: InputRule
) -> tuple[list[Example], tuple[SkippedKind, ...]]:
    """The examples that the network can learn from, and what was left out and why."""
    kept, left_out = [], Account()
    for item in prepared:
        if unknown := alphabet.unknown(item.text):
            left_out.add(Skipped(item.id, f"characters outside the alphabet: {' '.join(unknown)}"))
            continue
        labels = alphabet.encode(item.text)
        if rule.frames(rule.width or rule.fitted_size(*item.pixels.shape)[1]) < frames_needed(labels):
            left_out.add(Skipped(item.id, "its text needs more frames than the image has"))
        else:
            kept.append(Example(item.pixels, labels, item.text))
    return kept, left_out.kinds


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
