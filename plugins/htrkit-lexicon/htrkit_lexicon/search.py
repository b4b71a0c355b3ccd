"""Lexicon search: the entries of a closed vocabulary that look like what was read, each scored exactly.

Source: H. Scheidl, *Handwritten Text Recognition in Historical Documents*, diploma thesis, TU Wien, 2018, section 3.5;
there a BK-tree finds the candidates.
"""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from htrkit import Alphabet, Hypothesis, LogProbs, UsageError, ctc
from htrkit.decoders import Source, Vocabulary, checked_n_best, describe, log_probs_of


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
        self.entries = sorted(Vocabulary.read(lexicon, self.alphabet).counts)
        self._lengths = np.fromiter(map(len, self.entries), np.int64, len(self.entries))

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """At most ``n_best`` entries, the most probable first."""
        n_best = checked_n_best(n_best)
        frames = ctc.check(log_probs, self.alphabet.n_labels)
        near = self._near(self.alphabet.spelt(self.alphabet.decode(ctc.collapse(frames.argmax(axis=1)))))
        scores = log_probs_of(frames, [self.alphabet.encode(entry) for entry in near])
        # Entries are sorted by code point, so equal scores come out in a fixed order.
        best = sorted((-score, entry) for score, entry in zip(scores, near, strict=True) if score > -np.inf)[:n_best]
        if not best:
            best = [(-log_probs_of(frames, [[]])[0], "")]
        return describe(self.alphabet, frames, [(self.alphabet.encode(entry), -score) for score, entry in best])

    def _near(self, text: str) -> list[str]:
        """The entries within the tolerance."""
        possible = np.flatnonzero(np.abs(self._lengths - len(text)) <= self.tolerance)
        entries = [self.entries[number] for number in possible]
        if not entries:
            return []
        distances = cdist([text], entries, scorer=Levenshtein.distance, score_cutoff=self.tolerance, dtype=np.int32)[0]
        return [entries[place] for place in np.flatnonzero(distances <= self.tolerance)]
