"""The search of ctc-beam-decoder, pyctcdecode's successor in C++."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ctc_beam_decoder import build_ctcdecoder

from htrkit_kenlm.search import Search, Weights, beams_of
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
    return partial(beams_of, decoder, weights)
