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

TEXTS = 512
"""So many texts of a frame cost NumPy about what one frame of a search costs the interpreter."""


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


class _Texts:
    """Texts on the lines of a block, as the compiled kernels take them.

    Attributes
    ----------
    each, lines
        Labels and line of each text.
    labels, offsets
        Text ``i`` is ``labels[offsets[i]:offsets[i + 1]]``.
    states
        Of the longest text, with two more.
    """

    def __init__(self, texts: Sequence[Labels], lines: Sequence[int]) -> None:
        self.each = [np.asarray(labels, np.int64) for labels in texts]
        self.lines = np.array(lines, np.int64)
        self.labels = np.concatenate([np.zeros(0, np.int64), *self.each])
        self.offsets = np.cumsum([0, *map(len, self.each)], dtype=np.int64)
        self.states = 2 * max(map(len, self.each), default=0) + 3


def describe(alphabet: Alphabet, log_probs: ctc.Floats, found: Found) -> list[Hypothesis]:
    """Hypotheses of one line, in the order given; after many lines with compiled kernels, which change nothing.

    Parameters
    ----------
    alphabet
        Whose labels they are.
    log_probs
        (frames, labels), from `htrkit.ctc.check`.
    found
        (characters,) labels without blank, and the decoder's score, of each.

    Returns
    -------
    list[Hypothesis]
        A text that the line cannot spell has ``log_prob`` ``-inf``, ``confidence`` 0 and no spans. Of labels that
        write the same text, only the first stay.
    """
    return describe_block(alphabet, Block.of([log_probs]), [found], kernels_for(len(log_probs)))[0]


def describe_block(
    alphabet: Alphabet, block: Block, found: Sequence[Found], kernels: Kernels | None
) -> list[list[Hypothesis]]:
    """`describe` of what was found on each line of a block, by the kernels, or None, that the decoder has already."""
    lines = [line for line, texts in enumerate(found) for _ in texts]
    texts = _Texts([labels for labels, _ in chain.from_iterable(found)], lines)
    log_probs, all_spans = _weighed(block, texts, kernels)
    made = (
        Hypothesis(
            alphabet.decode(labels.tolist()),
            score,
            log_prob,
            of_characters(alphabet, labels.tolist(), spans) if log_prob > -math.inf else (),
            ctc.confidence(log_prob, len(labels)),
        )
        for labels, (_, score), log_prob, spans in zip(
            texts.each, chain.from_iterable(found), log_probs, all_spans, strict=True
        )
    )
    hypotheses = [[next(made) for _ in texts_of_line] for texts_of_line in found]
    if not alphabet.has_longer:
        return hypotheses
    # of several ways to write a text, the best counts
    return [list({one.text: one for one in reversed(of_line)}.values())[::-1] for of_line in hypotheses]


def of_characters(alphabet: Alphabet, labels: Sequence[int], spans: ctc.Spans) -> ctc.Spans:
    """The frames of each character: those of a label of several are shared out among them."""
    if not alphabet.has_longer:
        return spans
    found: list[tuple[int, int]] = []
    for label, (start, stop) in zip(labels, spans, strict=True):
        count = len(alphabet.labels[label - 1])
        found += pairwise(start + (stop - start) * part // count for part in range(count + 1))
    return tuple(found)


def log_probs_of(log_probs: ctc.Floats, texts: Sequence[Labels]) -> list[float]:
    """`htrkit.ctc.log_prob_batch`, compiled once that is worth it.

    Parameters
    ----------
    log_probs
        (frames, labels), from `htrkit.ctc.check`.
    texts
        (characters,) labels without blank, of each.
    """
    kernels = kernels_for(len(log_probs) * (1 + len(texts) // TEXTS))
    return _weighed(Block.of([log_probs]), _Texts(texts, [0] * len(texts)), kernels, spans=False)[0]


def log_probs_of_each(lines: Sequence[ctc.Floats], texts: Sequence[Labels]) -> list[float]:
    """`log_probs_of` one text on each line."""
    if not lines:
        return []
    kernels = kernels_for(sum(map(len, lines)))
    return _weighed(Block.of(lines), _Texts(texts, range(len(lines))), kernels, spans=False)[0]


def _weighed(
    block: Block, texts: _Texts, kernels: Kernels | None, *, spans: bool = True
) -> tuple[list[float], Sequence[ctc.Spans]]:
    """`htrkit.ctc.log_prob` and, if wanted, `htrkit.ctc.align` of each text; the latter means nothing where the former
    is ``-inf``.
    """
    if kernels is None:
        return _interpreted(block, texts, spans=spans)
    totals = np.empty(len(texts.each))
    found = np.zeros((len(texts.labels) if spans else 0, 2), np.int64)
    kernels.weigh_texts(
        block.probabilities,
        block.log_probs,
        block.edges,
        ctc.FLOOR,
        texts.lines,
        texts.labels,
        texts.offsets,
        np.empty(texts.states),
        np.empty((int(np.diff(block.edges).max()) if spans else 0, texts.states), np.int8),
        totals,
        found,
    )
    log_probs = [
        math.log(total) if total > ctc.TRUSTED else ctc.log_prob(block.lines[texts.lines[text]], texts.each[text])
        for text, total in enumerate(totals.tolist())
    ]
    pairs = tuple(zip(*found.T.tolist(), strict=True))
    return log_probs, [pairs[begin:end] for begin, end in pairwise(texts.offsets.tolist())]


def _interpreted(block: Block, texts: _Texts, *, spans: bool) -> tuple[list[float], Sequence[ctc.Spans]]:
    log_probs = [-math.inf] * len(texts.each)
    for line, frames in enumerate(block.lines):
        of_line = np.flatnonzero(texts.lines == line).tolist()
        for text, log_prob in zip(of_line, ctc.log_prob_batch(frames, [texts.each[i] for i in of_line]), strict=True):
            log_probs[text] = log_prob
    return log_probs, [
        ctc.align(block.lines[texts.lines[text]], labels) if spans and log_probs[text] > -math.inf else ()
        for text, labels in enumerate(texts.each)
    ]


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
