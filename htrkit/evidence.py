"""What speaks for each word that was read, and for others in its place; and the probabilities that follow from it.

The network alone says how probable a word is on its frames: exactly, as a sum over alignments. What else a decoder
knows, from a lexicon or a language model, is in the scores of its hypotheses. So where the network leaves a doubt, the
decoder is asked for several readings of the word with its neighbours: they differ in that word, where those of a whole
line mostly differ elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders.hypotheses import log_probs_of_each
from htrkit.hypothesis_words import Spans, spans_of, word_places
from htrkit.types import Encoded, Hypothesis

READINGS = 10
"""Asked for of each piece of a line."""
SURE = 0.95
"""A word that the network alone is so sure of is not read again."""
SPREAD = 1.25
"""By how much the scores of readings are too far apart, beside the model's temperature: measured with several decoders
and two models, and the same for all of them."""
LEAST = 0.01
"""A less probable alternative is not worth telling."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a word.

    Attributes
    ----------
    text
        Of the word.
    own
        How probable the network alone finds it, on its frames and those of the spaces beside it.
    readings
        What is read in its place, one or several words or nothing, and the decoder's score, best first; empty if the
        decoder was not asked again, or has one reading only.
    """

    text: str
    own: float
    readings: tuple[tuple[str, float], ...] = ()

    def shares(self, temperature: float) -> dict[str, float]:
        """The probability of each text in the word's place; what is missing to 1 is of texts that nobody read.

        Parameters
        ----------
        temperature
            Above 1 brings probabilities nearer to each other, below 1 further apart.
        """
        if not self.readings:
            return {self.text: _tempered(self.own, temperature)}
        scores = np.array([score for _, score in self.readings]) / (SPREAD * temperature)
        weights = np.exp(scores - scores[0])
        rest = _rest(scores)
        # of the readings that were not asked for, most differ in the neighbours: the network says in how many
        shares = {self.text: rest * self.own}
        for (text, _), weight in zip(self.readings, weights.tolist(), strict=True):
            shares[text] = shares.get(text, 0.0) + weight
        return {text: share / (float(weights.sum()) + rest) for text, share in shares.items()}


@dataclass(frozen=True, slots=True)
class Spot:
    """A word of a text on a line.

    Attributes
    ----------
    text, spaced
        The word, and with the white space beside it.
    frames
        Half-open range of those of ``spaced``.
    around
        With the neighbours and the spaces beside these.
    left, right
        What has its middle between these frames is in the word's place.
    """

    text: str
    spaced: str
    frames: tuple[int, int]
    around: tuple[int, int]
    left: float
    right: float

    def holds(self, span: tuple[int, int]) -> bool:
        """Whether something is in the word's place."""
        return self.left < (span[0] + span[1]) / 2 <= self.right


def spots_of(hypothesis: Hypothesis, frames: int) -> list[Spot]:
    """The words of a hypothesis on a line of so many frames; none if nothing says where they are."""
    text, spans, words = hypothesis.text, spans_of(hypothesis, frames), word_places(hypothesis.text)
    if not spans:
        return []
    starts = [spans[start - 1][0] if start else 0 for start, _ in words]
    stops = [spans[stop][1] if stop < len(text) else frames for _, stop in words]
    middles = [(spans[before - 1][1] + spans[after][0]) / 2 for (_, before), (after, _) in pairwise(words)]
    lefts, rights = [-math.inf, *middles], [*middles, math.inf]
    return [
        Spot(
            text[start:stop],
            text[max(0, start - 1) : stop + 1],
            (starts[place], stops[place]),
            (starts[max(0, place - 1)], stops[min(len(words) - 1, place + 1)]),
            lefts[place],
            rights[place],
        )
        for place, (start, stop) in enumerate(words)
    ]


def own_shares(spots: Sequence[tuple[Encoded, Spot]], alphabet: Alphabet) -> list[float | None]:
    """How probable the network alone finds each word; None of one with characters outside the alphabet."""
    spelt = [(line, spot) for line, spot in spots if not alphabet.unknown(spot.spaced)]
    pieces = [ctc.check(line.log_probs[slice(*spot.frames)]) for line, spot in spelt]
    found = iter(log_probs_of_each(pieces, [alphabet.encode(spot.spaced) for _, spot in spelt]))
    return [None if alphabet.unknown(spot.spaced) else min(1.0, math.exp(next(found))) for _, spot in spots]


def readings_of(spot: Spot, hypotheses: Iterable[Hypothesis]) -> tuple[tuple[str, float], ...]:
    """What hypotheses of the frames ``spot.around`` have in the word's place; none if there is only one of them."""
    frames, begin = spot.around[1] - spot.around[0], spot.around[0]
    found = []
    for one in hypotheses:
        spans = spans_of(one, frames)
        if math.isfinite(one.score) and (spans or not one.text):
            found.append((_in_place(spot, one.text, spans, begin), float(one.score)))
    return tuple(sorted(found, key=lambda reading: -reading[1])) if len(found) > 1 else ()


def _in_place(spot: Spot, text: str, spans: Spans, begin: int) -> str:
    words = word_places(text)
    return " ".join(
        text[start:stop] for start, stop in words if spot.holds((spans[start][0] + begin, spans[stop - 1][1] + begin))
    )


def _tempered(share: float, temperature: float) -> float:
    return 0.0 if share <= 0.0 else 1.0 / (1.0 + ((1.0 - share) / share) ** (1.0 / temperature))


def _rest(scores: NDArray[np.float64]) -> float:
    """What the readings weigh that were not asked for, if weights fall on as a power of the rank; the best weighs 1."""
    if len(scores) < READINGS:
        return 0.0
    half = len(scores) // 2
    power = float(scores[half] - scores[-1]) / math.log(len(scores) / (half + 1))
    return math.exp(scores[-1] - scores[0]) * len(scores) / max(power - 1.0, 0.1)
