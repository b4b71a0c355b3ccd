"""Tiny lines to try decoders on, and the truth about them by brute force."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import BLANK, Alphabet

Floats = NDArray[np.floating[Any]]


def brute_force(log_probs: Floats, alphabet: str | Alphabet) -> dict[str, float]:
    """P(text | line) of every text that a tiny line can spell, summed over every path, most probable first.

    Parameters
    ----------
    log_probs
        (frames, labels), blank first; ``labels ** frames`` paths are tried.
    """
    alphabet = Alphabet.of(alphabet)
    probabilities = np.exp(log_probs, dtype=np.float64).tolist()
    texts: dict[str, list[float]] = {}
    for path in itertools.product(range(alphabet.n_labels), repeat=len(probabilities)):
        labels = [label for label, _ in itertools.groupby(path) if label != BLANK]
        p = math.prod(row[label] for row, label in zip(probabilities, path, strict=True))
        texts.setdefault(alphabet.decode(labels), []).append(p)
    sums = {text: math.fsum(terms) for text, terms in texts.items()}
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def sure_line(text: str, alphabet: str | Alphabet, *, sure: float = 0.95) -> NDArray[np.float32]:
    """(2 * labels of the text + 1, labels) what a network that reads ``text`` gives: a blank, a letter, a blank, ...

    Parameters
    ----------
    sure
        Probability of the right label in each frame; the others share the rest.
    """
    alphabet = Alphabet.of(alphabet)
    labels = alphabet.encode(text)
    path = np.zeros(2 * len(labels) + 1, np.int64)
    path[1::2] = labels
    probabilities = np.full((len(path), alphabet.n_labels), (1 - sure) / (alphabet.n_labels - 1))
    probabilities[np.arange(len(path)), path] = sure
    logarithms: NDArray[np.float32] = np.log(probabilities).astype(np.float32)
    return logarithms


def special_lines(alphabet: Alphabet) -> Iterator[Floats]:
    """No frames, all blank, certainty, ties, and a text that is the best while the best path is another's."""
    n = alphabet.n_labels
    yield np.zeros((0, n), np.float32)
    yield np.log(np.eye(n, dtype=np.float32)[[BLANK] * 4] + np.float32(1e-9)) - np.float32(n * 1e-9)
    yield np.full((3, n), -math.log(n), np.float32)
    two_ways = np.full((2, n), 1e-9, np.float32)
    two_ways[:, BLANK], two_ways[:, 1] = 0.6, 0.4
    yield np.log(two_ways)
    certain = np.full((3, n), -np.inf, np.float32)
    certain[[0, 1, 2], [1, BLANK, 1]] = 0.0
    yield certain


def random_lines(alphabet: Alphabet, examples: int) -> Iterator[Floats]:
    """Lines of one to five frames, peaky and flat, every fourth with ties and impossible labels; always the same."""
    random = np.random.default_rng(0)
    for example in range(examples):
        frames = int(random.integers(1, 6))
        peaky = random.choice([0.1, 0.5, 2.0])
        rows = random.dirichlet(np.full(alphabet.n_labels, peaky), frames)
        if example % 4 == 0:  # small whole numbers make ties and impossible labels
            rows = random.integers(0, 3, rows.shape) + np.eye(alphabet.n_labels)[BLANK]
            rows /= rows.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            yield np.log(rows).astype(np.float32)
