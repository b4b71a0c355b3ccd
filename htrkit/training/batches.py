"""Batches for Keras: images fitted or augmented, labels padded, true lengths beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from htrkit.encoders.input import Ink, InputRule
from htrkit.training.augment import Augmentation
from htrkit.types import Pixels

Targets = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
"""labels (batch, longest), true number of labels (batch,), true number of frames (batch,)."""


@dataclass(frozen=True, slots=True)
class Example:
    """A preprocessed image, (height, width) uint8 dark on white, and the labels of its text."""

    pixels: Pixels
    labels: NDArray[np.int32]
    text: str


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled batches; what stands in a batch depends on the seed, the epoch and the batch's number alone.

    Parameters
    ----------
    examples
        What to draw from.
    rule
        The network's input rule; where it takes any width, a batch holds images of similar width.
    augmentation
        None fits every image as it is.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        rule: InputRule,
        *,
        batch_size: int,
        seed: int,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__(workers=1, max_queue_size=16)
        self.examples, self.rule, self.augmentation = examples, rule, augmentation
        self.batch_size, self.seed, self.epoch = batch_size, seed, 0
        # one label width for all batches, so that a compiled training step fits every one
        self.longest = max((len(e.labels) for e in examples), default=1)
        self._order = self._shuffled()

    def __len__(self) -> int:
        return len(self._order)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for an epoch. Keras' own hooks would not do: ``fit`` also calls them before the first epoch."""
        self.epoch = epoch
        self._order = self._shuffled()

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], Targets]:
        rng = np.random.default_rng((self.seed, self.epoch, index))
        examples = [self.examples[i] for i in self._order[index]]
        inks = [
            self.rule.fit(example.pixels)
            if self.augmentation is None
            else self.augmentation.draw(example.pixels, self.rule, rng)
            for example in examples
        ]
        frames = np.array([self.rule.frames(ink.shape[1]) for ink in inks], np.int32)
        return stack(inks), (*padded_labels(examples, self.longest), frames)

    def _shuffled(self) -> list[NDArray[np.int64]]:
        rng = np.random.default_rng((self.seed, self.epoch))
        order = rng.permutation(len(self.examples))
        if self.rule.width is None:
            # similar widths together, though not always the same ones: sort within large random pools
            widths = np.array([e.pixels.shape[1] / e.pixels.shape[0] for e in self.examples])
            pool = self.batch_size * 16
            order = np.concatenate(
                [p[np.argsort(widths[p], kind="stable")] for p in np.split(order, range(pool, len(order), pool))]
            )
        batches = np.split(order, range(self.batch_size, len(order), self.batch_size))
        return [batches[i] for i in rng.permutation(len(batches))]


def stack(inks: Sequence[Ink]) -> NDArray[np.float32]:
    """(batch, height, widest, 1), padded with paper on the right."""
    widest = max(ink.shape[1] for ink in inks)
    batch = np.zeros((len(inks), inks[0].shape[0], widest, 1), np.float32)
    for row, ink in zip(batch, inks, strict=True):
        row[:, : ink.shape[1], 0] = ink
    return batch


def padded_labels(examples: Sequence[Example], longest: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels (batch, longest), padded with blanks, and their true numbers (batch,)."""
    lengths = np.array([len(e.labels) for e in examples], np.int32)
    labels = np.zeros((len(examples), longest), np.int32)
    for row, example in zip(labels, examples, strict=True):
        row[: len(example.labels)] = example.labels
    return labels, lengths
