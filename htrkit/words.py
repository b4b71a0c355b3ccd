"""The words of a hypothesis: where each stands on the page, and how sure the network is of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.geometry import Outline
from htrkit.places import outline
from htrkit.types import Encoded, Hypothesis, LogProbs, Word

Spans = Sequence[tuple[int, int]]

_WORD = re.compile(r"\S+")


def words_in(hypothesis: Hypothesis, line: Encoded, alphabet: Alphabet) -> tuple[Word, ...]:
    """What stands between the white spaces of a hypothesis.

    A word's box reaches beyond the frames of its letters, which a network marks by their middles alone: as far as to
    the spaces beside it, but by no more than a letter takes on average. Its confidence is the geometric mean, over its
    characters, of the highest probability that the network gives the character within its frames; of a word without
    frames it is the hypothesis' own.

    Parameters
    ----------
    line
        That the hypothesis was read on.
    alphabet
        Of the network's labels.
    """
    text, spans = hypothesis.text, _spans(hypothesis, len(line.log_probs))
    found = list(_WORD.finditer(text))
    if not spans:
        return tuple(Word(word[0], (), hypothesis.confidence) for word in found)
    sure = _sure(text, spans, line.log_probs, alphabet)
    words = []
    for word, (left, right) in zip(
        found, _reaches([word.span() for word in found], spans, len(line.log_probs)), strict=True
    ):
        start, stop = word.span()
        where: Outline = () if line.edges is None else outline((left, right), line.edges)
        confidence = hypothesis.confidence if sure is None else float(np.exp(sure[start:stop].mean()))
        words.append(Word(word[0], where, confidence, (spans[start][0], spans[stop - 1][1])))
    return tuple(words)


def _spans(hypothesis: Hypothesis, frames: int) -> Spans:
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


def _sure(text: str, spans: Spans, log_probs: LogProbs, alphabet: Alphabet) -> LogProbs | None:
    """(characters,): the highest log-probability of each character within its frames; None if one has none."""
    starts, stops = np.array(spans).T
    if alphabet.unknown(text) or (starts == stops).any():
        return None
    lengths = stops - starts
    offsets = np.cumsum(lengths) - lengths
    frames = np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)
    within = log_probs[frames, np.repeat(alphabet.encode(text), lengths)]
    return np.maximum.reduceat(within, offsets)
