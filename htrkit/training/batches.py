"""Batches for Keras: images fitted or augmented, labels padded, true lengths beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from htrkit.ctc import frames_needed
from htrkit.encoders.input import WIDTH_STEP, Ink, InputRule, stack, whole_steps
from htrkit.training.augment import Augmentation
from htrkit.training.data import Example
from htrkit.training.joining import Joiner
from htrkit.training.mixing import NO_MIX, Mix
from htrkit.training.recombining import Recombiner

Targets = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
"""labels (batch, longest), true number of labels (batch,), true number of frames (batch,)."""

# Batches whose lines are sorted by width together: a quarter as many, and twice as much of a batch is padding.
BATCHES_SORTED = 64
# What compiles a step for every width anew (JAX) gets few widths, each this much wider than the one before.
FEW_WIDTHS = 1.25


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled batches; what stands in a batch depends on the seed, the epoch and the batch's number alone.

    Parameters
    ----------
    examples
        What to draw from: one's own, then those of the mix.
    rule
        The network's input rule; where it takes any width, a batch holds images of similar width.
    augmentation
        None fits every image as it is.
    calm_from
        The epoch, counted from 0, from which on images are varied half as much; None for none.
    joiner
        Makes lines of examples that are single words, for a network that takes any width.
    mix
        How many of the examples are those of the mix, and how it is picked from.
    multiple
        Every batch has a multiple of so many images; a few come twice where they do not divide.
    workers
        Processes that draw the images; 0 draws them in a thread of this process.

    Attributes
    ----------
    recombiner
        Makes one's own lines anew; none, until it is set.
    stretch
        An epoch can be gone on with after every so many batches.
    first
        The batch that the epoch at hand goes on with; it is the one that Keras knows as 0.
    steps
        Batches of a whole epoch.
    """

    stretch = 32

    def __init__(
        self,
        examples: Sequence[Example],
        rule: InputRule,
        *,
        batch_size: int,
        seed: int,
        augmentation: Augmentation | None = None,
        calm_from: int | None = None,
        joiner: Joiner | None = None,
        mix: Mix = NO_MIX,
        multiple: int = 1,
        workers: int = 0,
    ) -> None:
        super().__init__(workers=max(1, workers), use_multiprocessing=workers > 0, max_queue_size=16)
        if workers:
            cv2.setNumThreads(0)  # OpenCV's threads do not survive into a forked process, and waiting for them hangs it
        self.examples, self.mix, self.n_own = examples, mix, len(examples) - sum(mix.sizes)
        self.rule, self.augmentation, self.joiner, self.calm_from = rule, augmentation, joiner, calm_from
        self.batch_size, self.multiple, self.seed = batch_size, multiple, seed
        self.recombiner: Recombiner | None = None
        # one label width for all batches, so that a compiled training step fits every one
        self.longest = max((len(e.labels) for e in self.examples), default=1)
        if joiner:
            self.longest = max(self.longest, joiner.longest)
        self.start_epoch(0)

    def __len__(self) -> int:
        return self.steps - self.first

    @property
    def steps(self) -> int:  # noqa: D102 - among the attributes
        return len(self._order)

    def start_epoch(self, epoch: int, first: int = 0) -> None:
        """Shuffle for an epoch. Keras' own hooks would not do: ``fit`` also calls them before the first epoch."""
        self.epoch, self.first = epoch, first
        self._order = self._shuffled()

    @property
    def typical_width(self) -> int:
        """That of half of the images, in the network's input."""
        return int(np.median([self.rule.input_width(*example.shape) for example in self.examples]))

    def may_begin_at(self, step: int) -> bool:
        """Whether an epoch can be gone on with after so many of its batches, and all is as without a break."""
        return step % self.stretch == 0 and step < self.steps - 1

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], Targets]:
        index += self.first
        inks, examples = self._drawn(index)
        frames = np.array([self.rule.frames(ink.shape[1]) for ink in inks], np.int32)
        # bytes, of which a process that draws has a quarter as many to hand over
        ink = np.rint(stack(inks, self._width(index, inks)) * 255.0).astype(np.uint8)
        return ink, (*padded_labels(examples, self.longest), frames)

    def _drawn(self, index: int) -> tuple[list[Ink], list[Example]]:
        rng = np.random.default_rng((self.seed, self.epoch, index))
        chosen = [int(i) for i in self._order[index]]
        words = self.joiner.words(rng) if self.joiner else 1
        examples = [self._example(i, words, rng) for i in chosen]
        if self.augmentation is None:
            return [self.rule.fit(example.pixels) for example in examples], examples
        calm = self.calm_from is not None and self.epoch >= self.calm_from
        look = self.augmentation.calmer() if calm else self.augmentation
        if self.rule.width is None:
            look = look.of_one_batch(rng)
        inks = []
        for example in examples:
            beside = self.examples[int(rng.integers(self.n_own))].pixels if look.needs_another else None
            ink = look.draw(example.pixels, self.rule, rng, beside)
            if self.rule.frames(ink.shape[1]) < frames_needed(example.labels):
                ink = self.rule.fit(example.pixels)  # drawn too narrow for its text
            inks.append(ink)
        return inks, examples

    def _example(self, index: int, words: int, rng: np.random.Generator) -> Example:
        example = self.examples[index]
        if self.recombiner and index < self.n_own:
            example = self.recombiner.draw(index, self.rule, rng)
        stays = example is self.examples[index]
        return self.joiner.draw(index, words, self.rule, rng) if self.joiner and stays else example

    def _width(self, index: int, inks: Sequence[Ink]) -> int:
        """The width that a batch is padded to."""
        if self.rule.width is not None:
            return self.rule.width
        width = padded_width(max(ink.shape[1] for ink in inks))
        # Keras looks at the first two batches, and takes a size that is the same in both for the size of all
        if self.may_begin_at(index):
            second, _ = self._drawn(index + 1)
            if width == padded_width(max(ink.shape[1] for ink in second)):
                width = padded_width(width + 1)
        return width

    def _shuffled(self) -> list[NDArray[np.int64]]:
        rng = np.random.default_rng((self.seed, self.epoch))
        n_own, n_mixed = self.mix.divide(self.n_own, self.epoch)
        order = np.resize(rng.permutation(self.n_own), n_own)
        size = self.batch_size
        if n_mixed:
            order = rng.permutation(np.concatenate([order, self.mix.pick(n_mixed, rng) + self.n_own]))
        if self.rule.width is None:
            # similar widths together, though not always the same ones: sort within large random pools
            widths = np.array([e.shape[1] / e.shape[0] for e in self.examples])
            pool = self.batch_size * BATCHES_SORTED
            order = np.concatenate(
                [p[np.argsort(widths[p], kind="stable")] for p in np.split(order, range(pool, len(order), pool))]
            )
            half = math.ceil(len(order) / 2 / self.multiple) * self.multiple
            size = max(1, min(size, half))  # at least two batches, for Keras to compare
        order = np.resize(order, math.ceil(len(order) / self.multiple) * self.multiple)
        batches = np.split(order, range(size, len(order), size))
        if self.rule.width is None and len(batches) == 1:
            batches = batches * 2
        return [batches[i] for i in rng.permutation(len(batches))]


def padded_width(width: int) -> int:
    """The width to pad an image to, of any width, so that there are not too many different ones."""
    if keras.config.backend() != "jax":
        return whole_steps(width)
    padded = WIDTH_STEP
    while padded < width:
        padded = whole_steps(padded * FEW_WIDTHS)
    return padded


def padded_labels(examples: Sequence[Example], longest: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels (batch, longest), padded with blanks, and their true numbers (batch,)."""
    lengths = np.array([len(e.labels) for e in examples], np.int32)
    labels = np.zeros((len(examples), longest), np.int32)
    for row, example in zip(labels, examples, strict=True):
        row[: len(example.labels)] = example.labels
    return labels, lengths
