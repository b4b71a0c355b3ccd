"""Decoders, one algorithm a file, and what their authors need: hypotheses from labels, words, compiled kernels."""

from htrkit.decoders.compiled import compile_kernel
from htrkit.decoders.hypotheses import checked_n_best, describe, log_probs_of
from htrkit.decoders.trie import Trie
from htrkit.decoders.vocabulary import Source, Vocabulary, text_lines, word_characters, words_of

__all__ = [
    "Source",
    "Trie",
    "Vocabulary",
    "checked_n_best",
    "compile_kernel",
    "describe",
    "log_probs_of",
    "text_lines",
    "word_characters",
    "words_of",
]
