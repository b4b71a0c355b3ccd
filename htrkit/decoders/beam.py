"""CTC prefix beam search, with a character language model if one is given.

Source: A. Hannun, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
2014.
"""

from __future__ import annotations

from htrkit.alphabet import Alphabet
from htrkit.decoders.beam_search import BeamSearch
from htrkit.decoders.grammar import anything
from htrkit.decoders.languages import character_language
from htrkit.decoders.notices import warn_idle

WEIGHT = 0.5


class Beam(BeamSearch):
    """The most probable texts, each summed over the alignments that the beam followed.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    beam_width
        Hypotheses kept per frame.
    label_threshold
        Characters less probable than this begin no new hypothesis in a frame; 0 tries them all.
    beam_threshold
        Hypotheses less probable than this share of the best are dropped; 0 keeps them.
    language_model
        A character language model: a shipped name, or a file that ``htrkit lm build --characters`` wrote.
    language_model_weight
        Exponent of the language model's probabilities; 0 ignores them.

    Notes
    -----
    ``score`` is ln P of the alignments followed, plus the weighted ln P of the language model.
    """

    def __init__(
        self,
        alphabet: str | Alphabet,
        *,
        beam_width: int = 25,
        label_threshold: float = 1e-5,
        beam_threshold: float = 1e-8,
        language_model: str | None = None,
        language_model_weight: float = WEIGHT,
    ) -> None:
        alphabet = Alphabet.of(alphabet)
        if language_model is None:
            warn_idle("without language_model", language_model_weight=language_model_weight != WEIGHT)
        super().__init__(
            alphabet,
            anything(alphabet),
            character_language(alphabet, language_model, language_model_weight),
            beam_width=beam_width,
            label_threshold=label_threshold,
            beam_threshold=beam_threshold,
        )
