"""Hypotheses from the labels that a decoder found: exact log_prob, spans and confidence, the same for every decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders.compiled import Kernels, kernels_for
from htrkit.errors import UsageError
from htrkit.types import Hypothesis

Labels = ArrayLike
Found = Sequence[tuple[Labels, float]]
"""(characters,) labels without blank, and the decoder's score, of each text of a line."""


@dataclass(frozen=True, slots=True)
class Block:
    """Several lines, one after the other, for kernels that take many at a time.

    Attributes
    ----------
    lines
        (frames, labels) of each, checked.
    log_probs, probabilities
        (frames, labels) float64, of all.
    edges
        (lines + 1,) line ``i`` has the frames ``edges[i]`` to ``edges[i + 1] - 1``.
    """

    lines: Sequence[ctc.Floats]
    log_probs: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    edges: NDArray[np.int64]

    @classmethod
    def of(cls, lines: Sequence[ctc.Floats]) -> Block:
        """The block of at least one line, each from `htrkit.ctc.check`.

        Raises
        ------
        ShapeError
            If the rows of a line are far from summing to one.
        """
        log_probs: NDArray[np.float64] = np.concatenate(lines, dtype=np.float64)
        edges = np.cumsum([0, *map(len, lines)], dtype=np.int64)
        return cls(lines, log_probs, ctc.probabilities(log_probs, edges), edges)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts on the lines of a block.

    Attributes
    ----------
    labels
        (characters,) of all texts, one after the other, without blank.
    offsets
        (texts + 1,) text ``i`` is ``labels[offsets[i]:offsets[i + 1]]``.
    lines
        (texts,) the line of each.
    """

    labels: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lines: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[Labels], lines: Sequence[int]) -> Texts:
        """Texts given one by one."""
        arrays = [np.asarray(labels, np.int64) for labels in texts]
        labels = np.concatenate([np.zeros(0, np.int64), *arrays])
        return cls(labels, np.cumsum([0, *map(len, arrays)], dtype=np.int64), np.array(lines, np.int64))

    def __getitem__(self, text: int) -> NDArray[np.int64]:
        return self.labels[self.offsets[text] : self.offsets[text + 1]]

    @property
    def longest(self) -> int:
        """Characters of the longest."""
        return int(np.diff(self.offsets).max(initial=0))


def describe(alphabet: Alphabet, log_probs: ctc.Floats, found: Found) -> list[Hypothesis]:
    """Hypotheses of one line, in the order given; after many lines with compiled kernels, which change nothing.

    Parameters
    ----------
    alphabet
        Whose labels they are.
    log_probs
        (frames, labels), checked.
    found
        (characters,) labels without blank, and the decoder's score, of each.

    Returns
    -------
    list[Hypothesis]
        A text that the line cannot spell has ``log_prob`` ``-inf``, ``confidence`` 0 and no spans.
    """
    return describe_block(alphabet, Block.of([log_probs]), [found], kernels_for(len(log_probs)))[0]


def describe_block(
    alphabet: Alphabet, block: Block, found: Sequence[Found], kernels: Kernels | None
) -> list[list[Hypothesis]]:
    """`describe` of what was found on each line of a block, by the kernels, or None, that the decoder has already."""
    lines = [line for line, texts in enumerate(found) for _ in texts]
    texts = Texts.of([labels for labels, _ in chain.from_iterable(found)], lines)
    log_probs = log_probs_of(block, texts, kernels)
    hypotheses = iter(
        hypotheses_of(
            alphabet,
            texts,
            [score for _, score in chain.from_iterable(found)],
            log_probs,
            spans_of(block, texts, log_probs, kernels),
        )
    )
    return [[next(hypotheses) for _ in texts_of_line] for texts_of_line in found]


def hypotheses_of(
    alphabet: Alphabet,
    texts: Texts,
    scores: Sequence[float],
    log_probs: Sequence[float],
    spans: Sequence[tuple[int, int]],
) -> list[Hypothesis]:
    """Hypotheses from their parts: ``scores`` and ``log_probs`` of each text, ``spans`` of each character of all."""
    written = alphabet.decode(texts.labels.tolist())
    return [
        Hypothesis(
            written[begin:end],
            score,
            log_prob,
            tuple(spans[begin:end]) if log_prob > -math.inf else (),
            ctc.confidence(log_prob, end - begin),
        )
        for (begin, end), score, log_prob in zip(pairwise(texts.offsets.tolist()), scores, log_probs, strict=True)
    ]


def log_probs_of(block: Block, texts: Texts, kernels: Kernels | None) -> list[float]:
    """`htrkit.ctc.log_prob` of each text, compiled if there are ``kernels``."""
    results = [-math.inf] * len(texts.lines)
    if kernels is None:
        for line in range(len(block.lines)):
            of_line = np.flatnonzero(texts.lines == line).tolist()
            log_probs = ctc.log_prob_batch(block.lines[line], [texts[text] for text in of_line])
            for text, log_prob in zip(of_line, log_probs, strict=True):
                results[text] = log_prob
        return results
    totals = np.empty(len(results))
    ahead = np.empty(2 * texts.longest + 3)
    kernels.forward_texts(block.probabilities, block.edges, texts.lines, texts.labels, texts.offsets, ahead, totals)
    for text, total in enumerate(totals.tolist()):
        if total > ctc.TRUSTED:
            results[text] = math.log(total)
        else:
            results[text] = ctc.log_prob(block.lines[texts.lines[text]], texts[text])
    return results


def spans_of(block: Block, texts: Texts, log_probs: Sequence[float], kernels: Kernels | None) -> list[tuple[int, int]]:
    """`htrkit.ctc.align` of each text, character by character, compiled if there are ``kernels``.

    Those of a text whose ``log_probs`` says that it is impossible mean nothing.
    """
    spans = np.zeros((len(texts.labels), 2), np.int64)
    possible = np.array(log_probs) > -math.inf
    if kernels is None:
        for text in np.flatnonzero(possible).tolist():
            begin, end = texts.offsets[text : text + 2].tolist()
            if end > begin:
                spans[begin:end] = ctc.align(block.lines[texts.lines[text]], texts[text])
    else:
        states = 2 * texts.longest + 3
        moves = np.empty((int(np.diff(block.edges).max()), states), np.int8)
        kernels.viterbi_texts(
            block.log_probs,
            block.edges,
            ctc.FLOOR,
            texts.lines,
            texts.labels,
            texts.offsets,
            possible,
            np.empty(states),
            moves,
            spans,
        )
    starts, stops = spans.T.tolist()
    return list(zip(starts, stops, strict=True))


def checked_n_best(n_best: int) -> int:
    """``n_best``, at least 1.

    Raises
    ------
    UsageError
        If it is less.
    """
    if n_best < 1:
        raise UsageError(f"n_best is {n_best}, but a line has at least one reading: give 1 or more")
    return n_best
