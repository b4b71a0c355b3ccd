"""Best path decoding over the characters that a field can hold, such as the digits of a year."""

import numpy as np

from htrkit import Alphabet, Hypothesis, LogProbs, UsageError, ctc


class Allowed:
    """The most probable allowed label of each frame, repeats merged, blanks dropped.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    characters
        The characters that may be read; empty for the whole alphabet.
    """

    def __init__(self, alphabet: str | Alphabet, *, characters: str = "") -> None:
        self.alphabet = Alphabet.of(alphabet)
        if unknown := self.alphabet.unknown(characters):
            raise UsageError(f"characters has {' '.join(unknown)}, which the network cannot read; leave that out")
        labels = self.alphabet.encode(characters) if characters else np.arange(self.alphabet.n_labels)
        self.labels = np.unique(np.append(labels, 0))  # 0 is the blank, which is always allowed

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """One hypothesis, whatever ``n_best``; its ``score`` is ln P of the best path."""
        frames = ctc.check(log_probs, self.alphabet.n_labels)
        allowed = frames[:, self.labels]
        labels = ctc.collapse(self.labels[allowed.argmax(axis=1)])
        text = self.alphabet.decode(labels)
        log_prob = ctc.log_prob(frames, labels)
        score = float(allowed.max(axis=1).sum())
        return [Hypothesis(text, score, log_prob, ctc.align(frames, labels), ctc.confidence(log_prob, len(text)))]
