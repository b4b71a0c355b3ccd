"""Decoders, one algorithm a file, and what their authors need: hypotheses from labels, words, compiled kernels."""

from htrkit.alphabet import APOSTROPHES
from htrkit.decoders.compiled import compile_kernel
from htrkit.decoders.hypotheses import checked_n_best, describe, log_probs_of
from htrkit.decoders.notices import DecoderWarning, warn, warn_idle, warn_of_capitals
from htrkit.decoders.trie import Trie
from htrkit.decoders.vocabulary import (
    Source,
    Vocabulary,
    is_spaceless,
    text_lines,
    word_characters,
    words_of,
)

__all__ = [
    "APOSTROPHES",
    "DecoderWarning",
    "Source",
    "Trie",
    "Vocabulary",
    "checked_n_best",
    "compile_kernel",
    "describe",
    "is_spaceless",
    "log_probs_of",
    "text_lines",
    "warn",
    "warn_idle",
    "warn_of_capitals",
    "word_characters",
    "words_of",
]
