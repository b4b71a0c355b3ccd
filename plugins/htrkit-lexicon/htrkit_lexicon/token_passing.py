"""Token passing: the words of a lexicon with single spaces between, on their most probable alignment.

Source: A. Graves, M. Liwicki, S. Fernández, R. Bertolami, H. Bunke, J. Schmidhuber, "A Novel Connectionist System for
Unconstrained Handwriting Recognition", IEEE PAMI 31(5), 2009, section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, Hypothesis, LogProbs, ctc
from htrkit.decoders import (
    Source,
    Vocabulary,
    checked_n_best,
    compile_kernel,
    describe,
    is_spaceless,
    text_lines,
    warn,
    word_characters,
    words_of,
)
from htrkit_lexicon import bigrams, kernel
from htrkit_lexicon.forest import grow

PATIENCE = 20.0
"""Nats by which a token may fall behind the best: one in 500 million."""

_IMPOSSIBLE = ctc.FLOOR / 2

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class TokenPassing:
    """The most probable sequence of words, on its most probable alignment; nothing but words and spaces is read.

    Punctuation and numbers are read only if the lexicon has them as words. Where the alphabet has no space, a line is a
    single word. Nothing is read where no word fits or blanks alone are more probable.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    lexicon
        The words: a shipped name, the path of a file with one word a line, or the words. Without it, the words of
        ``corpus`` if that is given, else ``english``.
    corpus
        The text whose word pairs weigh the words: a shipped name, the path of a text file, or the lines. Without it,
        all sequences of words are alike.

    Notes
    -----
    ``score`` is ln P of the best alignment, plus ln P of the words if there is a corpus. Further hypotheses are the
    best ones that end in other words.
    """

    def __init__(
        self, alphabet: str | Alphabet, *, lexicon: Source | None = None, corpus: Source | None = None
    ) -> None:
        self.alphabet = Alphabet.of(alphabet)
        lines: list[list[str]] = []
        if corpus is not None:
            characters = word_characters(self.alphabet)
            read = (words_of([line], self.alphabet, characters) for line in text_lines(corpus))
            lines = [[word for word in line if word is not None] for line in read]
        in_corpus = {word for line in lines for word in line}
        if lexicon is None:
            lexicon = "english" if corpus is None else in_corpus
        words = Vocabulary.read(lexicon, self.alphabet, self.alphabet.characters.replace(" ", "")).counts
        if " " in self.alphabet and is_spaceless("".join(words)):
            warn("token-passing reads spaces between words, which this lexicon's script has not; word-beam needs none")
        known = sorted(in_corpus.intersection(words))
        self._pairs = bigrams.estimate(lines, known) if lines else bigrams.NO_BIGRAMS
        self._forest, self.words = grow(known, words.keys() - in_corpus, self.alphabet)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """At most ``n_best`` hypotheses with different last words, the best first."""
        n_best = checked_n_best(n_best)
        frames = ctc.check(log_probs, self.alphabet.n_labels)
        finals, histories, records = self._pass(np.maximum(frames, ctc.FLOOR, dtype=np.float64))
        order = np.argsort(-finals, kind="stable")[:n_best]
        possible = [int(word) for word in order if finals[word] > _IMPOSSIBLE] or [len(self.words)]
        found = [(self._labels(word, int(histories[word]), records), float(finals[word])) for word in possible]
        return describe(self.alphabet, frames, found)

    def _pass(self, frames: Floats) -> tuple[Floats, Ints, Ints]:
        """Scores of the best tokens by last word (or none), their histories, and what those stand for."""
        n_words = len(self.words)
        finals, histories = np.empty(n_words + 1), np.empty(n_words + 1, np.int32)
        space = int(self.alphabet.encode(" ")[0]) if " " in self.alphabet else 0
        capacity = 1 << 12
        while True:
            records = np.empty((capacity, 2), np.int32)
            written = _pass_tokens()(frames, space, self._forest, self._pairs, PATIENCE, records, finals, histories)
            if written >= 0:
                return finals, histories, records
            capacity *= 8

    def _labels(self, word: int, history: int, records: Ints) -> Ints:
        """The labels of a text, from its last word back."""
        if word == len(self.words):
            return np.zeros(0, np.int32)
        texts = [self.words[word]]
        while history >= 0:
            word, history = records[history]
            texts.append(self.words[word])
        return self.alphabet.encode(" ".join(reversed(texts)))


@cache
def _pass_tokens() -> Callable[..., int]:
    return compile_kernel(kernel.pass_tokens, kernel.FUNCTIONS)
