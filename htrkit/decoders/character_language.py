"""A character language model in the form that the beam kernel reads."""

from __future__ import annotations

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders.kernel_arrays import CHARACTERS, PLAIN, Language
from htrkit.errors import UsageError

_NONE = np.zeros(1, np.int32)

NO_LANGUAGE = Language(
    mode=PLAIN,
    symbols=_NONE,
    first_child=_NONE,
    child_symbols=_NONE,
    factors=np.ones(1),
    backoff_factors=np.ones(1),
    next_states=_NONE,
    backoff_states=_NONE,
    start=0,
    cumulative=np.zeros(1, np.int64),
    bigram_offsets=_NONE,
    bigram_words=_NONE,
    bigram_cumulative=np.zeros(1, np.int64),
    smoothing=0.0,
    seed=0,
)
"""Every text is as probable as any other."""


def character_language(alphabet: Alphabet, name_or_path: str | None, weight: float) -> Language:
    """The language of a character model, or `NO_LANGUAGE` if there is none or it weighs nothing.

    Parameters
    ----------
    name_or_path
        A shipped model's name, or the path of an .npz or .arpa file.
    weight
        Exponent of its probabilities.

    Raises
    ------
    UsageError
        If the weight is negative, or the model is neither a name nor a file.
    ModelError
        If the file is no character model.
    """
    if not 0 <= weight < np.inf:
        raise UsageError(f"language_model_weight is {weight}, but it must not be negative: give 0 to ignore the model")
    if name_or_path is None or weight == 0:
        return NO_LANGUAGE
    from htrkit.language_models.character_file import load_characters  # only those who name a model need it

    model = load_characters(name_or_path)
    return NO_LANGUAGE._replace(
        mode=CHARACTERS,
        symbols=model.symbols_of(alphabet),
        first_child=model.first_child,
        child_symbols=model.symbols,
        factors=np.exp(weight * model.log_probs.astype(np.float64)),
        backoff_factors=np.exp(weight * model.backoffs.astype(np.float64)),
        next_states=model.next_states,
        backoff_states=model.backoff_states,
        start=model.start_state,
    )
