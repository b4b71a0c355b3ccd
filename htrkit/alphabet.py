"""Characters to labels and back; label 0 is the blank and belongs to no character."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import ShapeError

BLANK = 0
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
"""Ways to write one character: an alphabet or a language model may have any of them."""
PRIVATE_USE = range(0x100000, 0x10FFFE)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters a network knows, in the order of its labels, without the blank.

    Parameters
    ----------
    labels
        What each label stands for, each once, in order: ``labels[i]`` is label ``i + 1``. Mostly a single code point,
        so that a string will do; of some networks also several, such as ``ch`` or ``&c``.

    Attributes
    ----------
    characters
        One code point for each label: the label itself, or, for one of several characters, a stand-in from Unicode's
        private use area.

    Raises
    ------
    ShapeError
        If there is no label, one is empty, or one stands twice.

    Notes
    -----
    Where labels overlap, a text can be written in several ways. It is written in as few labels as possible, and, of as
    many, with the longest first. So ``ch`` is one label where there is one for it, although there are ``c`` and ``h``.
    """

    labels: Sequence[str]
    characters: str = field(init=False, repr=False, compare=False)
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)
    _longer: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        labels = tuple(self.labels)
        if not all(labels) or not labels:
            raise ShapeError("an alphabet needs at least one character, and one in every label")
        numbers = {label: number for number, label in enumerate(labels, start=1)}
        if len(numbers) != len(labels):
            twice = sorted({label for label in labels if labels.count(label) > 1})
            raise ShapeError(f"characters stand twice in the alphabet: {' '.join(map(repr, twice))}")
        free = (chr(point) for point in PRIVATE_USE if chr(point) not in numbers)
        characters = "".join(label if len(label) == 1 else next(free) for label in labels)
        longer = sorted((label for label in labels if len(label) > 1), key=len, reverse=True)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "characters", characters)
        object.__setattr__(self, "_numbers", numbers | dict(zip(characters, numbers.values(), strict=True)))
        object.__setattr__(self, "_longer", tuple(longer))

    @classmethod
    def of(cls, alphabet: Sequence[str] | Alphabet) -> Alphabet:
        """An Alphabet from a string of characters, or labels, or the Alphabet itself."""
        return alphabet if isinstance(alphabet, Alphabet) else cls(alphabet)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Alphabet:
        """The characters that occur in ``texts``, sorted by code point."""
        return cls("".join(sorted(set().union(*texts))))

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, label: str) -> bool:
        return label in self._numbers

    @property
    def n_labels(self) -> int:
        """Columns of a ``log_probs`` array over this alphabet: the characters and the blank."""
        return len(self.labels) + 1

    @property
    def has_longer(self) -> bool:
        """Whether a label has several characters."""
        return bool(self._longer)

    def unknown(self, text: str) -> list[str]:
        """The characters of ``text`` that cannot be written, sorted, each once."""
        return sorted(set(self.spelt(text)) - self._numbers.keys())

    def spelt(self, text: str) -> str:
        """A text in ``characters``, one for each label; what cannot be written stays."""
        if not any(label in text for label in self._longer):
            return text
        # What each end of the text costs, and the length of its first label: a label 1, what is none more than a text.
        costs, lengths = [0] * (len(text) + 1), [1] * len(text)
        for start in reversed(range(len(text))):
            costs[start] = costs[start + 1] + (1 if text[start] in self._numbers else len(text) + 1)
            for label in reversed(self._longer):
                if text.startswith(label, start) and 1 + costs[start + len(label)] <= costs[start]:
                    costs[start], lengths[start] = 1 + costs[start + len(label)], len(label)
        found, start = [], 0
        while start < len(text):
            label = text[start : start + lengths[start]]
            found.append(self.characters[self._numbers[label] - 1] if len(label) > 1 else label)
            start += len(label)
        return "".join(found)

    def written(self, spelt: str) -> str:
        """The text of what is spelt in ``characters``."""
        if not self._longer:
            return spelt
        return "".join(self.labels[self._numbers[c] - 1] if c in self._numbers else c for c in spelt)

    def labels_of(self, characters: str) -> NDArray[np.int32]:
        """(len(characters),) the label of each of some of `characters`.

        Raises
        ------
        KeyError
            If one is none of them.
        """
        return np.array([self._numbers[character] for character in characters], dtype=np.int32)

    def encode(self, text: str) -> NDArray[np.int32]:
        """The labels of ``text``, (characters,), or fewer where labels have several characters.

        Raises
        ------
        ShapeError
            If a character cannot be written.
        """
        try:
            return self.labels_of(self.spelt(text))
        except KeyError:
            unknown = " ".join(map(repr, self.unknown(text)))
            raise ShapeError(f"text {text!r} has characters outside the alphabet: {unknown}") from None

    def decode(self, labels: Iterable[int]) -> str:
        """The text of ``labels``, which must hold no blank."""
        return "".join([self.labels[label - 1] for label in labels])
