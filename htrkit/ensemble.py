"""Several models that read a line together: each proposes texts, and the best under all their networks is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.decoders.hypotheses import describe, log_probs_of
from htrkit.decoding import Answers, ask
from htrkit.errors import PluginError
from htrkit.places import edges_beside
from htrkit.types import Encoded, Failed, Hypothesis, LogProbs

PROPOSALS = 25
"""Texts that each model is asked for; so many hypotheses `beam` has unless more are asked for."""
IMPOSSIBLE = -1e3
"""ln P of a text that a network finds impossible: the others decide."""
UNKNOWN = -7.0
"""ln P of a character that a network cannot write, where it would rather see none."""

Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Voice:
    """A model in an ensemble: its decoder and alphabet, and the exponent of its network's probabilities."""

    decoder: Decoder
    alphabet: Alphabet
    share: float


class Together:
    """The decoder of an ensemble.

    Parameters
    ----------
    voices
        The models, that of `Encoded.log_probs` first, then those of `Encoded.others`.

    Notes
    -----
    ``score`` is the sum of ln P of the text under each network, exact, times the share of the model; plus what the
    decoder that proposed it adds to ln P, such as the language model's part. What else hypotheses say is as the first
    network finds it or, of a text that this one cannot spell, as the model that proposed it.
    """

    def __init__(self, voices: Sequence[Voice]) -> None:
        self.voices = tuple(voices)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """Raises PluginError: the output of one network is not enough."""
        raise PluginError("needs what each of its networks gives, not what one does: read the images with it")

    def decode_encoded(self, lines: Sequence[Encoded], *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]:
        """The best texts of each line."""
        outputs = [(line, *line.others) for line in lines]
        if any(len(of_line) != len(self.voices) for of_line in outputs):
            self.decode(lines[0].log_probs)
        wanted = max(n_best, PROPOSALS)
        proposed = [
            ask(voice.decoder, [of_line[place] for of_line in outputs], n_best=wanted, threads=threads)
            for place, voice in enumerate(self.voices)
        ]
        return [
            self._best(of_line, answers, n_best)
            for of_line, answers in zip(outputs, zip(*proposed, strict=True), strict=True)
        ]

    def _best(self, outputs: Sequence[Encoded], answers: Answers, n_best: int) -> list[Hypothesis]:
        proposals = {
            one.text: (one, output) for output, hypotheses in zip(outputs, answers, strict=True) for one in hypotheses
        }
        texts = list(proposals)
        scores = np.array([_added(one) for one, _ in proposals.values()])
        for voice, output in zip(self.voices, outputs, strict=True):
            scores += voice.share * np.maximum(_log_probs(voice.alphabet, output.log_probs, texts), IMPOSSIBLE)
        first, frames = self.voices[0].alphabet, ctc.check(outputs[0].log_probs)
        found = []
        for place in np.argsort(-scores, kind="stable")[:n_best].tolist():
            text, score = texts[place], float(scores[place])
            if first.unknown(text):
                found.append(_moved(*proposals[text], outputs[0], score))
            else:
                found += describe(first, frames, [(first.encode(text), score)])
        return found


def beside(outputs: Sequence[Encoded | Failed]) -> Encoded | Failed:
    """What the first of several networks gave for a line, with what the others gave; the failure, if one of them
    failed.
    """
    first, *others = outputs
    failed = next((one for one in outputs if isinstance(one, Failed)), None)
    if failed or isinstance(first, Failed):
        return failed or first
    return replace(first, others=tuple(one for one in others if isinstance(one, Encoded)))


def piece(line: Encoded, start: int, stop: int) -> Encoded:
    """Some frames of a line, and those that other networks have there."""
    others = []
    for other in line.others:
        edges = edges_beside(line, other)
        others.append(Encoded(line.id, other.log_probs[edges[start] : edges[stop]]))
    return Encoded(line.id, line.log_probs[start:stop], others=tuple(others))


def _added(one: Hypothesis) -> float:
    """What a decoder adds to ln P of a text."""
    if one.log_prob is None or not math.isfinite(one.log_prob) or not math.isfinite(one.score):
        return 0.0
    return one.score - one.log_prob


def _log_probs(alphabet: Alphabet, log_probs: LogProbs, texts: Sequence[str]) -> NDArray[np.float64]:
    """ln P of each text."""
    unknown = [frozenset(alphabet.unknown(text)) for text in texts]
    known = ["".join(c for c in text if c not in left_out) for text, left_out in zip(texts, unknown, strict=True)]
    lost = np.array([len(text) - len(rest) for text, rest in zip(texts, known, strict=True)])
    found = log_probs_of(ctc.check(log_probs), [alphabet.encode(text) for text in known])
    return np.asarray(found + UNKNOWN * lost, np.float64)


def _moved(one: Hypothesis, of: Encoded, to: Encoded, score: float) -> Hypothesis:
    """A hypothesis on another network's frames."""
    edges = edges_beside(of, to)
    spans = tuple((int(edges[start]), int(edges[stop])) for start, stop in one.spans)
    return replace(one, score=score, spans=spans)
