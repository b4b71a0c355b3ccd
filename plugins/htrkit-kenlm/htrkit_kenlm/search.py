"""What an implementation of the search takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

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
    """How scores are put together; `htrkit_kenlm.decoder.BeamLM` says what each is."""

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
