"""The search of ctc-beam-decoder, pyctcdecode's successor in C++."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ctc_beam_decoder import build_ctcdecoder
from numpy.typing import NDArray

from htrkit_kenlm.search import BEAM_THRESHOLD, LABEL_THRESHOLD, Beams, Search, Weights
from htrkit_kenlm.word_model import WordModel


def search(labels: Sequence[str], model: WordModel, weights: Weights) -> Search:
    """A search.

    Parameters
    ----------
    labels
        What each column of the network's output stands for, ``""`` for the blank.
    """
    decoder = build_ctcdecoder(
        list(labels),
        kenlm_model_path=model.path,
        unigrams=list(model.words),
        alpha=weights.alpha,
        beta=weights.beta,
        unk_score_offset=weights.unknown_score,
    )

    def run(log_probs: NDArray[np.float32]) -> Beams:
        beams = decoder.decode_beams(
            log_probs,
            beam_width=weights.beam_width,
            beam_prune_logp=BEAM_THRESHOLD,
            token_min_logp=LABEL_THRESHOLD,
            hotwords=list(weights.hotwords),
            hotword_weight=weights.hotword_weight,
        )
        return [(text, score) for text, _, _, _, score in beams]

    return run
