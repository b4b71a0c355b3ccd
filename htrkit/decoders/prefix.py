"""Prefix search: the most probable text, proven so, or the best found within a budget.

Source: A. Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.4.2.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import BLANK, Alphabet
from htrkit.decoders.beam import Beam
from htrkit.decoders.hypotheses import checked_n_best, describe
from htrkit.errors import UsageError
from htrkit.types import Hypothesis, LogProbs

Text = tuple[int, ...]
Ranked = list[tuple[float, Text]]
"""ln P and labels, best first."""


class PrefixSearch:
    """The most probable text of all: exact between frames that are surely blank.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    split_threshold
        The line is cut where the blank is more probable than this, and each part searched alone; 1 never cuts.
    label_threshold
        Characters that are nowhere more probable than this are left out; 0 tries them all.
    budget
        Texts weighed for each part, one for each character that may follow a text tried before. Once they are spent,
        the best text found so far is taken.
    beam_width
        Of the beam search whose texts are the first to be beaten.

    Notes
    -----
    ``score`` is ``log_prob``. Uncut and within its budget the search is exact: no text over the characters tried is
    more probable.
    """

    def __init__(
        self,
        alphabet: str | Alphabet,
        *,
        split_threshold: float = 0.9999,
        label_threshold: float = 1e-5,
        budget: int = 100_000,
        beam_width: int = 10,
    ) -> None:
        if not 0 < split_threshold <= 1:
            raise UsageError(f"split_threshold is {split_threshold}, but it is a probability: give 1 to never cut")
        if budget < 1:
            raise UsageError(f"budget is {budget}, but at least 1 text must be tried")
        if not 0 <= label_threshold < 1:
            raise UsageError(f"label_threshold is {label_threshold}, but it is a probability: give 0 to try everything")
        self.alphabet = Alphabet.of(alphabet)
        self._split_threshold = split_threshold
        self._label_threshold = label_threshold
        self._budget = budget
        self._beam = Beam(self.alphabet, beam_width=beam_width)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """The most probable texts of one line's (frames, labels), best first, at most ``n_best``."""
        checked_n_best(n_best)
        line = ctc.check(log_probs, self.alphabet.n_labels)
        ranked: Ranked = [(0.0, ())]
        for part in _parts(line, self._split_threshold):
            ranked = _joined(ranked, self._search(part, n_best), n_best)
        texts = [np.array(text, np.int64) for _, text in ranked]
        # Where the line was cut, the parts' product is a little less than the text's probability.
        exact = ctc.log_prob_batch(line, texts)
        order = sorted(range(len(texts)), key=lambda place: -exact[place])
        return describe(self.alphabet, line, [(texts[place], exact[place]) for place in order])

    def _search(self, part: ctc.Floats, n_best: int) -> Ranked:
        probabilities = ctc.probabilities(part)
        known = {
            tuple(self.alphabet.encode(found.text).tolist()): found.log_prob or 0.0
            for found in self._beam.decode(part, n_best=max(n_best, self._beam.beam_width))
        }
        tried = np.flatnonzero(probabilities.max(axis=0, initial=0.0) > self._label_threshold)
        return best_texts(probabilities, tried[tried != BLANK], known, n_best, self._budget)


def best_texts(
    probabilities: NDArray[np.float64],
    letters: NDArray[np.int64],
    known: Mapping[Text, float],
    n_best: int,
    budget: int,
) -> Ranked:
    """The ``n_best`` most probable texts, best first.

    Always looks on beneath the prefix that most probability still lies under, and ends when no prefix has more than
    the ``n_best``-th text found: then these are proven to be the best.

    Parameters
    ----------
    probabilities
        (frames, labels), blank first.
    letters
        The labels that texts may have, ascending, without the blank.
    known
        ln P of texts known already.
    budget
        Once so many children of prefixes were weighed, no further prefix is looked beneath.
    """
    complete = dict(known)
    of_letters = np.ascontiguousarray(probabilities[:, letters])
    start = np.concatenate([[1.0], np.cumprod(probabilities[:, BLANK])])
    nothing = np.zeros_like(start)
    order = count()
    # Mass of all texts that begin so, the prefix, and P of its parent's paths that end in the blank, and in a letter.
    queue: list[tuple[float, int, Text, NDArray[np.float64], NDArray[np.float64]]] = []
    heapq.heappush(queue, (-1.0, next(order), (), start, nothing))
    bound = _nth(complete, n_best)
    while queue and budget > 0:
        mass, _, prefix, blank, letter = heapq.heappop(queue)
        if -mass <= bound:
            break
        budget -= max(1, len(letters))
        if prefix:
            blank, letter = _extended(probabilities, prefix, blank, letter)
        whole = float(blank[-1] + letter[-1])
        if prefix not in complete and whole > 0:
            complete[prefix] = math.log(whole)
            bound = _nth(complete, n_best)
        masses = (blank + letter)[:-1] @ of_letters
        if prefix:
            last = np.searchsorted(letters, prefix[-1])
            masses[last] = blank[:-1] @ of_letters[:, last]
        for place in np.flatnonzero(masses > bound).tolist():
            heapq.heappush(queue, (-float(masses[place]), next(order), (*prefix, int(letters[place])), blank, letter))
    return sorted(((log_prob, text) for text, log_prob in complete.items()), key=lambda one: (-one[0], one[1]))[:n_best]


def _extended(
    probabilities: NDArray[np.float64], prefix: Text, blank: NDArray[np.float64], letter: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The paths of ``prefix``, from those of the prefix without its last label, frame by frame."""
    label = prefix[-1]
    repeated = len(prefix) > 1 and prefix[-2] == label
    before = blank if repeated else blank + letter
    in_blank, in_letter = 0.0, 0.0
    blanks, letters = [0.0], [0.0]
    rows = zip(probabilities[:, BLANK].tolist(), probabilities[:, label].tolist(), before.tolist(), strict=False)
    for p_blank, p_letter, begins in rows:
        in_blank, in_letter = (in_blank + in_letter) * p_blank, (in_letter + begins) * p_letter
        blanks.append(in_blank)
        letters.append(in_letter)
    return np.array(blanks), np.array(letters)


def _nth(complete: Mapping[Text, float], n: int) -> float:
    """P of the ``n``-th most probable text; 0 while there are fewer."""
    best = heapq.nlargest(n, complete.values())
    return math.exp(best[-1]) if len(best) == n else 0.0


def _parts(log_probs: ctc.Floats, threshold: float) -> Sequence[ctc.Floats]:
    """The line between the frames that are surely blank."""
    if threshold >= 1:
        return [log_probs]
    sure = log_probs[:, BLANK] > math.log(threshold)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], sure, [True]]).astype(np.int8)))
    return [log_probs[begin:end] for begin, end in edges.reshape(-1, 2)]


def _joined(first: Ranked, second: Ranked, n_best: int) -> Ranked:
    """The best texts of two parts, one after the other."""
    joined: dict[Text, float] = {}
    for log_prob, text in first:
        for more, rest in second:
            joined[text + rest] = max(joined.get(text + rest, -math.inf), log_prob + more)
    best = heapq.nsmallest(n_best, joined.items(), key=lambda one: (-one[1], one[0]))
    return [(log_prob, text) for text, log_prob in best]
