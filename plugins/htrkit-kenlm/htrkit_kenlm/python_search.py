"""The search of pyctcdecode."""

from __future__ import annotations

import weakref
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from typing import Any

import kenlm
from pyctcdecode.alphabet import Alphabet
from pyctcdecode.constants import AVG_TOKEN_LEN, LOG_BASE_CHANGE_FACTOR
from pyctcdecode.decoder import BeamSearchDecoderCTC
from pyctcdecode.language_model import AbstractLanguageModel

from htrkit_kenlm.search import Search, Weights, beams_of
from htrkit_kenlm.word_model import WordModel


def search(labels: Sequence[str], model: WordModel, weights: Weights) -> Search:
    """A search.

    Parameters
    ----------
    labels
        What each column of the network's output stands for, ``""`` for the blank.
    """
    # Not build_ctcdecoder: it takes "|" for a space, "_" for the blank and "▁" for the begin of a word.
    decoder = BeamSearchDecoderCTC(Alphabet(list(labels), False), _Language(model, weights))

    run = partial(beams_of, decoder, weights)
    weakref.finalize(run, decoder.cleanup)  # pyctcdecode keeps every language model in a class variable
    return run


class _Language(AbstractLanguageModel):
    """pyctcdecode's own scores, without its tree of all words, which takes seconds to build for a large model."""

    def __init__(self, model: WordModel, weights: Weights) -> None:
        self._model = model.model
        self._known = model.words
        self._words = sorted(model.words)
        self._weights = weights

    @property
    def order(self) -> int:
        return int(self._model.order)

    def get_start_state(self) -> Any:
        state = kenlm.State()
        self._model.BeginSentenceWrite(state)
        return state

    def score_partial_token(self, partial_token: str) -> float:
        place = bisect_left(self._words, partial_token)
        if place < len(self._words) and self._words[place].startswith(partial_token):
            return 0.0
        return self._weights.unknown_score * max(1.0, len(partial_token) / AVG_TOKEN_LEN)

    def score(self, prev_state: Any, word: str, is_last_word: bool = False) -> tuple[float, Any]:
        state = kenlm.State()
        log10_prob = self._model.BaseScore(prev_state, word, state)
        if word not in self._known:
            log10_prob += self._weights.unknown_score
        if is_last_word:
            log10_prob += self._model.BaseScore(state, "</s>", kenlm.State())
        return self._weights.alpha * log10_prob * LOG_BASE_CHANGE_FACTOR + self._weights.beta, state
