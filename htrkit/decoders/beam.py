"""CTC prefix beam search, with language models of characters and of words if they are given.

Source: A. Hannun, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
2014.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.beam_search import BeamSearch
from htrkit.decoders.grammar import anything
from htrkit.decoders.model_languages import Weights, language_of_models
from htrkit.decoders.notices import warn_idle
from htrkit.language_models.ngrams import UNKNOWN

WEIGHT, WEIGHT_WITH_WORDS = 0.5, 0.3
DEFAULTS = Weights()
INSISTING = 0.5
"""A network that finds a character so probable reads it, although the language model does not know it."""


class Beam(BeamSearch):
    """The most probable texts, each summed over the alignments that the beam followed.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    beam_width
        Hypotheses kept per frame.
    label_threshold
        Characters less probable than this begin no new hypothesis in a frame; 0 tries them all. Of characters that the
        language model does not know, what it gives them counts, too.
    beam_threshold
        Hypotheses less probable than this share of the best are dropped; 0 keeps them.
    language_model
        A character language model: a shipped name, or a file that ``htrkit lm build --characters`` wrote.
    language_model_weight
        Exponent of its probabilities; 0 ignores it. Without it, 0.5, and 0.3 beside a word model.
    word_model
        A word language model: a shipped name, or an ARPA file.
    word_model_weight
        Exponent of its probabilities; 0 ignores it.
    unknown_score
        How probable it is, in decades, that a word is one that the word model does not know; which one it is, the
        characters say.
    character_bonus, word_bonus
        Added for each character and each word, because language models make every one cost probability.
    hotwords
        Words to be favoured, such as names that the word model does not know.
    hotword_weight
        Added for each of them.

    Notes
    -----
    ``score`` is ln P of the alignments followed, plus the weighted ln P of the language models, plus the bonuses.
    """

    def __init__(
        self,
        alphabet: str | Alphabet,
        *,
        beam_width: int = 25,
        label_threshold: float = 1e-4,
        beam_threshold: float = 1e-5,
        language_model: str | Path | None = None,
        language_model_weight: float | None = None,
        word_model: str | Path | None = None,
        word_model_weight: float = DEFAULTS.words,
        unknown_score: float = DEFAULTS.unknown,
        character_bonus: float = DEFAULTS.each_character,
        word_bonus: float = DEFAULTS.each_word,
        hotwords: Iterable[str] = (),
        hotword_weight: float = DEFAULTS.hot,
    ) -> None:
        alphabet, favoured = Alphabet.of(alphabet), tuple(hotwords)
        if language_model is None:
            warn_idle("without language_model", language_model_weight=language_model_weight is not None)
        if word_model is None:
            warn_idle(
                "without word_model",
                word_model_weight=word_model_weight != DEFAULTS.words,
                unknown_score=unknown_score != DEFAULTS.unknown,
                word_bonus=word_bonus != DEFAULTS.each_word,
                hotwords=bool(favoured),
            )
        warn_idle("without hotwords", hotword_weight=hotword_weight != DEFAULTS.hot and not favoured)
        if language_model_weight is None:
            language_model_weight = WEIGHT if word_model is None else WEIGHT_WITH_WORDS
        weights = Weights(
            language_model_weight,
            word_model_weight,
            unknown_score,
            character_bonus,
            word_bonus,
            hotword_weight,
        )
        language = language_of_models(alphabet, language_model, word_model, weights, favoured)
        grammar = anything(alphabet)
        unknown = np.zeros(0, np.int64)
        if language_model is not None and language_model_weight:
            unknown = 1 + np.flatnonzero(language.symbols[1 : alphabet.n_labels] == UNKNOWN)
        super().__init__(
            alphabet,
            grammar._replace(free_labels=np.setdiff1d(grammar.free_labels, language.words.ends)),
            language,
            beam_width=beam_width,
            label_threshold=label_threshold,
            beam_threshold=beam_threshold,
            unknown=unknown,
            unknown_threshold=min(INSISTING, label_threshold / float(language.characters.factors[1 + UNKNOWN])),
        )
