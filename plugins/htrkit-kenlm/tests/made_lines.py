"""Network outputs and language models that the tests make themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from htrkit.language_models import arpa, kneser_ney

SENTENCES = [
    "the cat sat on the mat",
    "the dog sat on the cat,",
    "a cat and a dog",
    "a_b sat on a|b",
    "the mat and the dog",
]


def word_model(folder: Path, sentences: list[str] = SENTENCES, order: int = 3) -> Path:
    """An n-gram model of a few sentences."""
    path = folder / "words.arpa"
    arpa.write(kneser_ney.estimate([sentence.split() for sentence in sentences], order), path)
    return path


def random_line(seed: int, frames: int, labels: int, spread: float = 3.0) -> NDArray[np.float32]:
    """A network that guesses."""
    return normalised(np.random.default_rng(seed).normal(0, spread, (frames, labels)))


def spelled(text: str, alphabet: str, doubt: dict[int, str] | None = None, seed: int = 0) -> NDArray[np.float32]:
    """A network that reads ``text``, but for some of its characters finds another as probable."""
    frames = np.random.default_rng(seed).normal(0, 0.3, (2 * len(text) + 1, len(alphabet) + 1))
    frames[::2, 0] += 8
    for place, character in enumerate(text):
        frames[2 * place + 1, alphabet.index(character) + 1] = 8
    for place, character in (doubt or {}).items():
        frames[2 * place + 1, alphabet.index(character) + 1] = 8.2
    return normalised(frames)


def normalised(scores: NDArray[np.float64]) -> NDArray[np.float32]:
    return (scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).astype(np.float32)
