"""The words of a hypothesis: which frames each of them has, where it stands on the page; and what ink is in no word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from htrkit.geometry import Outline
from htrkit.places import along, outline
from htrkit.types import Encoded, Hypothesis, Word

Spans = Sequence[tuple[int, int]]

_WORD = re.compile(r"\S+")
TRACE = 0.02
"""Of the ink that a character takes on average: a word with less has none."""
NARROWEST = 0.15
"""Of a line's height: letters take that on average, or more."""
ROUNDING = 1e-6
LEAST_INK = 30.0
"""Pixels of the cleaned line: less is a speck, whatever was read."""


def words_in(hypothesis: Hypothesis, line: Encoded) -> tuple[Word, ...]:
    """What stands between the white spaces of a hypothesis; as sure as the hypothesis says that it is.

    A word's box reaches beyond the frames of its letters, which a network marks by their middles alone: as far as to
    the spaces beside it, but by no more than a letter takes on average.

    Parameters
    ----------
    line
        That the hypothesis was read on.
    """
    places, spans = word_places(hypothesis.text), spans_of(hypothesis, len(line.log_probs))
    if not spans:
        return tuple(Word(hypothesis.text[start:stop], (), hypothesis.confidence) for start, stop in places)
    words = []
    for (start, stop), reach in zip(places, _reaches(places, spans, line), strict=True):
        where: Outline = () if line.edges is None else outline(reach, line.edges)
        span = spans[start][0], spans[stop - 1][1]
        has_ink = line.ink is None or bool(line.ink[slice(*reach)].sum() > TRACE * line.ink.sum() / len(spans))
        words.append(Word(hypothesis.text[start:stop], where, hypothesis.confidence, span, has_ink=has_ink))
    return tuple(words)


def unread(hypothesis: Hypothesis, line: Encoded) -> tuple[Outline, ...]:
    """The outlines of ink on which no word of a hypothesis stands: as much as a letter takes on average, or more."""
    places, spans = word_places(hypothesis.text), spans_of(hypothesis, len(line.log_probs))
    if line.ink is None or line.edges is None or (places and not spans):
        return ()
    left = line.ink.copy()
    for reach in _reaches(places, spans, line):
        left[slice(*reach)] = 0.0
    read = line.ink.sum() - left.sum()
    letter = max(LEAST_INK, read / max(1, sum(stop - start for start, stop in places)))
    inked = np.flatnonzero(left > 0.0)
    runs = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1) if len(inked) else []
    return tuple(outline((int(run[0]), int(run[-1]) + 1), line.edges) for run in runs if left[run].sum() >= letter)


def word_places(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends, in characters."""
    return [found.span() for found in _WORD.finditer(text)]


def spans_of(hypothesis: Hypothesis, frames: int) -> Spans:
    """The frames of each character; none if a decoder gives others than there are."""
    spans = [(int(start), int(stop)) for start, stop in hypothesis.spans]
    edges = [0, *(edge for span in spans for edge in span), frames]
    rising = all(before <= after for before, after in pairwise(edges))
    return spans if len(spans) == len(hypothesis.text) and rising else ()


def _reaches(words: Sequence[tuple[int, int]], spans: Spans, line: Encoded) -> Iterator[tuple[int, int]]:
    """The frames that each word's box reaches over."""
    if not words:
        return
    edges = along(line)
    letter = (edges[spans[-1][1]] - edges[spans[0][0]]) / len(spans)
    if line.edges is not None:
        letter = max(letter, NARROWEST * float(np.linalg.norm(line.edges[0, 1] - line.edges[0, 0])))
    for start, stop in words:
        free_from = spans[start - 1][1] if start else 0
        free_to = spans[stop][0] if stop < len(spans) else len(line.log_probs)
        begin, end = edges[spans[start][0]] - letter, edges[spans[stop - 1][1]] + letter
        # to the edges between frames at or beyond, but for what rounding leaves
        first = int(np.searchsorted(edges, begin + ROUNDING * letter, side="right")) - 1
        last = int(np.searchsorted(edges, end - ROUNDING * letter, side="left"))
        yield max(free_from, first), min(free_to, last)
