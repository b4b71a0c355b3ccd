"""The network's apostrophes as those of a word model, which may be other characters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, ctc
from htrkit.decoders import APOSTROPHES


@dataclass(frozen=True, slots=True)
class Apostrophes:
    """How an alphabet's apostrophes become a word model's, and back.

    Attributes
    ----------
    stand_ins
        What a character is called in the search.
    kept
        The label that others are added to.
    others
        Labels of apostrophes that the model's words do not have.
    """

    stand_ins: dict[str, str]
    kept: int
    others: list[int]

    @classmethod
    def of(cls, alphabet: Alphabet, words: Collection[str]) -> Apostrophes:
        """For a model of certain words."""
        used = {character: sum(character in word for word in words) for character in APOSTROPHES}
        usual = max(APOSTROPHES, key=lambda character: used[character])
        strange = [character for character in APOSTROPHES if character in alphabet and not used[character]]
        if not used[usual] or not strange:
            return cls({}, 0, [])
        kept = usual if usual in alphabet else strange.pop(0)
        labels = alphabet.encode(kept + "".join(strange)).tolist()
        return cls({kept: usual} if kept != usual else {}, labels[0], labels[1:])

    def merged(self, log_probs: NDArray[Any]) -> NDArray[Any]:
        """(frames, labels) with the probabilities of all in the one that is kept."""
        if not self.others:
            return log_probs
        columns = log_probs.copy()
        columns[:, self.kept] = np.logaddexp.reduce(log_probs[:, [self.kept, *self.others]], axis=1)
        columns[:, self.others] = -np.inf
        return columns

    def restored(self, labels: NDArray[np.int32], log_probs: NDArray[Any]) -> NDArray[np.int32]:
        """Labels of a text, with that apostrophe in each place which the network finds most probable there."""
        if self.others and self.kept in labels:
            among = np.array([self.kept, *self.others])
            for place, (start, stop) in enumerate(ctc.align(self.merged(log_probs), labels)):
                if labels[place] == self.kept:
                    labels[place] = among[log_probs[start:stop, among].max(axis=0).argmax()]
        return labels
