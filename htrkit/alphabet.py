"""Characters to labels and back; label 0 is the blank and belongs to no character."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import ShapeError

BLANK = 0


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters a network knows, in the order of its labels, without the blank.

    Parameters
    ----------
    characters
        Single code points, each once, in label order: ``characters[i]`` is label ``i + 1``.

    Raises
    ------
    ShapeError
        If there is no character, or one stands twice.
    """

    characters: str
    _labels: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.characters:
            raise ShapeError("an alphabet needs at least one character")
        labels = {character: label for label, character in enumerate(self.characters, start=1)}
        if len(labels) != len(self.characters):
            twice = sorted({c for c in self.characters if self.characters.count(c) > 1})
            raise ShapeError(f"characters stand twice in the alphabet: {' '.join(map(repr, twice))}")
        object.__setattr__(self, "_labels", labels)

    @classmethod
    def of(cls, alphabet: str | Alphabet) -> Alphabet:
        """An Alphabet from a string of characters, or the Alphabet itself."""
        return alphabet if isinstance(alphabet, Alphabet) else cls(alphabet)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Alphabet:
        """The characters that occur in ``texts``, sorted by code point."""
        return cls("".join(sorted(set().union(*texts))))

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return character in self._labels

    @property
    def n_labels(self) -> int:
        """Columns of a ``log_probs`` array over this alphabet: the characters and the blank."""
        return len(self.characters) + 1

    def unknown(self, text: str) -> list[str]:
        """The characters of ``text`` that are not in the alphabet, sorted, each once."""
        return sorted(set(text) - self._labels.keys())

    def encode(self, text: str) -> NDArray[np.int32]:
        """The labels of ``text``, shape (len(text),).

        Raises
        ------
        ShapeError
            If a character is not in the alphabet.
        """
        try:
            return np.array([self._labels[character] for character in text], dtype=np.int32)
        except KeyError:
            unknown = " ".join(map(repr, self.unknown(text)))
            raise ShapeError(f"text {text!r} has characters outside the alphabet: {unknown}") from None

    def decode(self, labels: Iterable[int]) -> str:
        """The text of ``labels``, which must hold no blank."""
        return "".join(map(f"\0{self.characters}".__getitem__, labels))
