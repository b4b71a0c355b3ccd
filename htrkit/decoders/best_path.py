"""Best path: the most probable label of each frame, repeats merged, blanks dropped.

Source: A. Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.4.1.
"""

from __future__ import annotations

import numpy as np

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders.hypotheses import checked_n_best, log_probs_of, of_characters
from htrkit.decoders.notices import warn
from htrkit.types import Hypothesis, LogProbs


class BestPath:
    """Best path decoding: the quickest, and only ever one hypothesis.

    Parameters
    ----------
    alphabet
        The network's characters in label order.

    Notes
    -----
    ``score`` is ln P of the best path alone; ``log_prob`` sums every path of its text.
    """

    one_reading = True

    def __init__(self, alphabet: str | Alphabet) -> None:
        self.alphabet = Alphabet.of(alphabet)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """The best path's text of one line's (frames, labels), the same whatever ``n_best``."""
        if checked_n_best(n_best) > 1:
            warn("best-path gives one hypothesis, however many are asked for")
        line = ctc.check(log_probs, self.alphabet.n_labels)
        path = line.argmax(axis=1)
        labels, spans = ctc.spelled(path)  # the best path is the most probable alignment of its own text
        score = float(line[np.arange(len(path)), path].sum(dtype=np.float64))
        [log_prob] = log_probs_of(line, [labels])
        text = self.alphabet.decode(labels.tolist())
        spans = of_characters(self.alphabet, labels.tolist(), spans)
        return [Hypothesis(text, score, log_prob, spans, ctc.confidence(log_prob, len(labels)))]
