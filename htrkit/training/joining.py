"""Words joined into lines: what a network of lines can learn from images of single words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from htrkit.ctc import frames_needed
from htrkit.encoders.input import InputRule
from htrkit.preprocess.ink import letter_rows
from htrkit.training.data import Example
from htrkit.types import Pixels

# Gaps between words, against the height of the small letters; most writers stay between one and two.
NARROWEST, WIDEST = 0.5, 3.5
# Words of one line stand next to each other in the data: one writer, one text. Otherwise they are picked at random.
CONSECUTIVE = 0.8
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Joiner:
    """Joins single words into lines.

    Attributes
    ----------
    examples
        All that may be joined; those next to each other are often of one hand.
    space
        The label of the space.
    share
        Probability that the words of a batch become lines, instead of standing alone.
    longest
        Labels of a line, at most.
    """

    examples: Sequence[Example]
    space: int
    share: float
    longest: int = 72

    def words(self, rng: np.random.Generator) -> int:
        """How many words the lines of a batch shall have: one number for all, so that they are similarly wide."""
        return int(rng.integers(2, MOST_WORDS + 1)) if rng.random() < self.share else 1

    def draw(self, first: int, words: int, rule: InputRule, rng: np.random.Generator) -> Example:
        """A line of so many words, or fewer, that begins with an example; alone if that is a line already."""
        example = self.examples[first]
        members, length = [example], len(example.labels)
        consecutive = rng.random() < CONSECUTIVE
        for i in range(1, 1 if self.space in example.labels else words):
            index = first + i if consecutive else int(rng.integers(len(self.examples)))
            if index >= len(self.examples):
                break
            word = self.examples[index]
            if self.space in word.labels or length + 1 + len(word.labels) > self.longest:
                break
            members.append(word)
            length += 1 + len(word.labels)
        joined = join(members, self.space, rng)
        width = rule.input_width(*joined.shape)
        return joined if rule.frames(width) >= frames_needed(joined.labels) else example


def join(words: Sequence[Example], space: int, rng: np.random.Generator) -> Example:
    """One line of several words: their small letters of one height, on one base line that is not quite straight."""
    if len(words) == 1:
        return words[0]
    images = [word.pixels for word in words]
    dense = [letter_rows(255 - image) for image in images]
    rows = [(int(one[0]), int(one[-1]) + 1) for one in dense]
    # a word of capitals or of few letters says little about the height of its small letters: the middle one rules
    size = float(np.median([bottom - top for top, bottom in rows]))
    scaled, bases = [], []
    for image, (top, bottom) in zip(images, rows, strict=True):
        scale = float(np.clip(size / (bottom - top), 0.7, 1.4)) * rng.uniform(0.92, 1.08)
        height, width = image.shape
        target = (max(1, round(width * scale)), max(1, round(height * scale)))
        scaled.append(np.asarray(cv2.resize(image, target, interpolation=cv2.INTER_AREA), np.uint8))
        bases.append(round(bottom * scale + rng.normal(0.0, 0.06) * size))
    above = max(max(bases), 1)
    below = max(max(len(pixels) - base for pixels, base in zip(scaled, bases, strict=True)), 1)
    typical = rng.uniform(NARROWEST, WIDEST / 1.6)
    parts: list[Pixels] = []
    for pixels, base in zip(scaled, bases, strict=True):
        if parts:
            gap = float(np.clip(typical * rng.uniform(0.6, 1.6), NARROWEST, WIDEST)) * size
            parts.append(np.full((above + below, max(1, round(gap))), 255, np.uint8))
        part = np.full((above + below, pixels.shape[1]), 255, np.uint8)
        part[above - base : above - base + len(pixels)] = pixels
        parts.append(part)
    labels = np.concatenate([part for word in words for part in ([space], word.labels)][1:]).astype(np.int32)
    return Example(np.concatenate(parts, axis=1), labels, " ".join(word.text for word in words))
