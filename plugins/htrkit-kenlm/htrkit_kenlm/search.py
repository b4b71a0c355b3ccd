"""What an implementation of the search takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Beams = list[tuple[str, float]]
"""Texts with single spaces between their words, and scores; best first."""

LABEL_THRESHOLD = -5.0
"""Labels whose ln P is lower are tried only where they are the best of their frame; about two a frame are left."""
BEAM_THRESHOLD = -10.0
"""Hypotheses whose score is so much lower than the best are dropped."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How scores are put together; `htrkit_kenlm.decoder.beam_lm` says what each is."""

    alpha: float
    beta: float
    unknown_score: float
    beam_width: int
    hotwords: tuple[str, ...]
    hotword_weight: float


class Search(Protocol):
    """A search over one line."""

    def __call__(self, log_probs: NDArray[np.float32], /) -> Beams:
        """The beams of (frames, labels) log probabilities, at least one frame."""


def beams_of(decoder: Any, weights: Weights, log_probs: NDArray[np.float32], /) -> Beams:
    """What a decoder of pyctcdecode or of its successor finds, which have one interface."""
    found = decoder.decode_beams(
        log_probs,
        beam_width=weights.beam_width,
        beam_prune_logp=BEAM_THRESHOLD,
        token_min_logp=LABEL_THRESHOLD,
        hotwords=list(weights.hotwords),
        hotword_weight=weights.hotword_weight,
    )
    return [(text, float(score)) for text, _, _, _, score in found]
