"""Lines put together anew from words that are cut out of others: few lines then show each word beside many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.encoders.input import InputRule
from htrkit.training.data import Example
from htrkit.training.joining import join

Cuts = list[list[int]]
"""Of each line, the columns at which its words end, from 0 to its width."""
NARROWEST = 2
"""Columns of a word."""


class Recombiner:
    """Makes lines of words that stand in others.

    Parameters
    ----------
    examples
        Lines, of one hand or of some that are alike.
    cuts
        Where their words end.
    space
        The label of the space.
    share
        Probability that a line is made anew.
    """

    def __init__(self, examples: Sequence[Example], cuts: Cuts, space: int, share: float) -> None:
        self._examples, self._cuts, self._space, self._share = examples, cuts, space, share
        self._words = [words_of(example.labels, space) for example in examples]
        self._places = [
            (line, place)
            for line, ends in enumerate(cuts)
            for place, (begin, end) in enumerate(pairwise(ends))
            if end - begin >= NARROWEST and self._words[line]
        ]
        self._longest = max((len(example.labels) for example in examples), default=0)

    def draw(self, line: int, rule: InputRule, rng: np.random.Generator) -> Example:
        """A line as it stands, or another of as many words, from anywhere; of fewer, to be no longer than any."""
        example = self._examples[line]
        if rng.random() >= self._share or len(self._words[line]) < 2:
            return example
        members: list[Example] = []
        length = -1
        for number in rng.integers(len(self._places), size=len(self._words[line])).tolist():
            word = self._word(*self._places[number])
            length += 1 + len(word.labels)
            if length > self._longest:
                break
            members.append(word)
        made = join(members, self._space, rng)
        return made if rule.frames(rule.input_width(*made.shape)) >= ctc.frames_needed(made.labels) else example

    def _word(self, line: int, place: int) -> Example:
        begin, end = self._cuts[line][place : place + 2]
        example, labels = self._examples[line], self._words[line][place]
        return Example(example.pixels[:, begin:end], labels, list(filter(None, example.text.split(" ")))[place])


def words_of(labels: NDArray[np.int32], space: int) -> list[NDArray[np.int32]]:
    """The labels of each word, in order."""
    parts = np.split(labels, np.flatnonzero(labels == space))
    return [word for part in parts if len(word := part[part != space])]
