"""Lexicon search: the entries of a closed vocabulary that look like what was read, each scored exactly.

Source: H. Scheidl, *Handwritten Text Recognition in Historical Documents*, diploma thesis, TU Wien, 2018, section 3.5;
there a BK-tree finds the candidates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from htrkit import Alphabet, Hypothesis, LogProbs, UsageError, ctc
from htrkit.decoders.compiled import all_kernels
from htrkit.decoders.describe import Block, Texts, checked_n_best, describe, log_probs_of
from htrkit.decoders.vocabulary import Source
from htrkit_lexicon.words import spellable

# So many candidates are scored before a compiler is worth its start.
_FEW = 512


class LexiconSearch:
    """The most probable entry of a lexicon for a whole image, such as a name on a form.

    The candidates are the entries within ``tolerance`` edits of the best path; the best of them by P(entry | line)
    wins. Entries may hold spaces. Where no entry is that near, the answer is the empty text.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    lexicon
        What can be written there: a shipped name, the path of a file with one entry a line, or the entries.
    tolerance
        Edits (a character put in, left out or exchanged) between the best path and a candidate.

    Notes
    -----
    ``score`` is ``log_prob``. Every entry is compared, 32 characters a machine instruction: 150,000 take a few
    milliseconds, less than walking a tree of them.
    """

    def __init__(self, alphabet: str | Alphabet, *, lexicon: Source = "english", tolerance: int = 4) -> None:
        if tolerance < 0:
            raise UsageError(f"tolerance is {tolerance}, but it counts edits: give 0 or more")
        self.alphabet = Alphabet.of(alphabet)
        self.tolerance = tolerance
        self.words = spellable(lexicon, self.alphabet)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """At most ``n_best`` entries, the most probable first."""
        n_best = checked_n_best(n_best)
        frames = ctc.check(log_probs, self.alphabet.n_labels)
        candidates = self._near(self.alphabet.decode(ctc.collapse(frames.argmax(axis=1))))
        scored = zip(self._log_probs(frames, candidates), candidates.tolist(), strict=True)
        # Entries are sorted by code point, so equal scores come out in a fixed order.
        best = sorted((-log_prob, word) for log_prob, word in scored if log_prob > -np.inf)[:n_best]
        if not best:
            nothing = np.zeros(0, np.int32)
            return describe(self.alphabet, frames, [(nothing, ctc.log_prob(frames, nothing))])
        return describe(self.alphabet, frames, [(self.words.labels_of(word), -score) for score, word in best])

    def _near(self, text: str) -> NDArray[np.int64]:
        """The entries within the tolerance."""
        possible = np.flatnonzero(np.abs(self.words.lengths - len(text)) <= self.tolerance)
        entries = [self.words.texts[word] for word in possible]
        if not entries:
            return possible
        distances = cdist([text], entries, scorer=Levenshtein.distance, score_cutoff=self.tolerance, dtype=np.int32)[0]
        near: NDArray[np.int64] = possible[distances <= self.tolerance]
        return near

    def _log_probs(self, frames: ctc.Floats, candidates: NDArray[np.int64]) -> list[float]:
        """ln P(entry | line) of each candidate."""
        if len(candidates) <= _FEW:
            return ctc.log_prob_batch(frames, [self.words.labels_of(word) for word in candidates])
        texts = Texts.of([self.words.labels_of(word) for word in candidates], [0] * len(candidates))
        return log_probs_of(Block.of([frames]), texts, all_kernels())
