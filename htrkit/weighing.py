"""Hypotheses get their words, each with its probability and its alternatives, and become as probable as these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.decoding import ask
from htrkit.ensemble import piece
from htrkit.evidence import LEAST, READINGS, SURE, Evidence, Spot, own_shares, readings_of, spots_of
from htrkit.hypothesis_words import words_in
from htrkit.stream import all_at_once
from htrkit.types import Alternative, Encoded, Failed, Hypothesis, Word


class Weigher:
    """Weighs the words of the hypotheses that a decoder gives.

    Parameters
    ----------
    decoder, name
        The decoder, and what the user calls it. One that has ``one_reading``, set to true, is not asked again.
    alphabet
        Of the network's labels.
    temperature, line_exponent
        Of the model, as `htrkit calibrate` finds them.
    threads
        CPU threads.
    """

    def __init__(
        self,
        decoder: Decoder,
        name: str,
        alphabet: Alphabet,
        *,
        temperature: float = 1.0,
        line_exponent: float = 1.0,
        threads: int = 1,
    ) -> None:
        self.decoder, self.name, self.alphabet = decoder, name, alphabet
        self.temperature, self.line_exponent, self.threads = temperature, line_exponent, threads

    def __call__(
        self, lines: Sequence[Encoded], answers: Sequence[tuple[Hypothesis, ...]]
    ) -> list[tuple[Hypothesis, ...]]:
        """The same hypotheses of each line, with their words."""
        return [
            tuple(self._weighed(one, line, evidence) for one in hypotheses)
            for line, hypotheses, evidence in zip(lines, answers, self.evidence(lines, answers), strict=True)
        ]

    def evidence(
        self, lines: Sequence[Encoded], answers: Sequence[tuple[Hypothesis, ...]]
    ) -> list[list[tuple[Spot, Evidence]]]:
        """What speaks for the words of each line's best hypothesis; nothing, of those of which there is none."""
        spots = [
            (number, spot)
            for number, (line, hypotheses) in enumerate(zip(lines, answers, strict=True))
            for spot in spots_of(hypotheses[0], len(line.log_probs))
        ]
        owns = own_shares([(lines[number], spot) for number, spot in spots], self.alphabet)
        found: list[list[tuple[Spot, Evidence]]] = [[] for _ in lines]
        unsure = [
            (number, spot) for (number, spot), own in zip(spots, owns, strict=True) if own is not None and own <= SURE
        ]
        readings = dict(zip(unsure, self._read_again([(lines[number], spot) for number, spot in unsure]), strict=True))
        for (number, spot), own in zip(spots, owns, strict=True):
            if own is not None:
                found[number].append((spot, Evidence(spot.text, own, readings.get((number, spot), ()))))
        return found

    def _read_again(self, spots: Sequence[tuple[Encoded, Spot]]) -> list[tuple[tuple[str, float], ...]]:
        """What the decoder reads in the place of words, read with their neighbours; nothing where it fails."""
        if getattr(self.decoder, "one_reading", False):
            return [()] * len(spots)
        pieces = [piece(line, *spot.around) for line, spot in spots]
        found = all_at_once(
            "decoder",
            self.name,
            pieces,
            lambda some: ask(self.decoder, some, n_best=READINGS, threads=self.threads),
        )
        return [
            () if isinstance(one, Failed) else readings_of(spot, one)
            for (_, spot), one in zip(spots, found, strict=True)
        ]

    def _weighed(self, one: Hypothesis, line: Encoded, evidence: Sequence[tuple[Spot, Evidence]]) -> Hypothesis:
        shares = [(spot, known.shares(self.temperature)) for spot, known in evidence]
        words = tuple(_weighed(word, shares) for word in words_in(one, line))
        if not evidence or not words:
            return replace(one, words=words)
        confidence = math.prod(word.confidence or 0.0 for word in words) ** self.line_exponent
        return replace(one, words=words, confidence=confidence)


def _weighed(word: Word, shares: Sequence[tuple[Spot, dict[str, float]]]) -> Word:
    """A word with its share; one that nobody read in its place again has at most what is left there."""
    of_place = next((found for spot, found in shares if word.span and spot.holds(word.span)), None)
    if of_place is None:
        return word
    others = sorted(((share, text) for text, share in of_place.items() if text not in ("", word.text)), reverse=True)
    return replace(
        word,
        confidence=of_place.get(word.text, max(0.0, 1.0 - sum(of_place.values()))),
        alternatives=tuple(Alternative(text, share) for share, text in others if share >= LEAST),
    )
