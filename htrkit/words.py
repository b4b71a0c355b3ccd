"""The words of a hypothesis: which frames each of them has, and where it stands on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from htrkit.geometry import Outline
from htrkit.places import outline
from htrkit.types import Encoded, Hypothesis, Word

Spans = Sequence[tuple[int, int]]

_WORD = re.compile(r"\S+")


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
    for (start, stop), reach in zip(places, _reaches(places, spans, len(line.log_probs)), strict=True):
        where: Outline = () if line.edges is None else outline(reach, line.edges)
        span = spans[start][0], spans[stop - 1][1]
        words.append(Word(hypothesis.text[start:stop], where, hypothesis.confidence, span))
    return tuple(words)


def word_places(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends, in characters."""
    return [found.span() for found in _WORD.finditer(text)]


def spans_of(hypothesis: Hypothesis, frames: int) -> Spans:
    """The frames of each character; none if a decoder gives others than there are."""
    spans = [(int(start), int(stop)) for start, stop in hypothesis.spans]
    edges = [0, *(edge for span in spans for edge in span), frames]
    rising = all(before <= after for before, after in pairwise(edges))
    return spans if len(spans) == len(hypothesis.text) and rising else ()


def _reaches(words: Sequence[tuple[int, int]], spans: Spans, frames: int) -> Iterator[tuple[int, int]]:
    """The frames that each word's box reaches over."""
    letter = -(-(spans[-1][1] - spans[0][0]) // len(spans))
    for start, stop in words:
        free_from = spans[start - 1][1] if start else 0
        free_to = spans[stop][0] if stop < len(spans) else frames
        yield max(free_from, spans[start][0] - letter), min(free_to, spans[stop - 1][1] + letter)
