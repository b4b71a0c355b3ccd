"""Lines drawn from a seed: their texts, pictures of them, and what a trained network might say of them."""

from __future__ import annotations

import string

import cv2
import numpy as np
from numpy.typing import NDArray

ALPHABET = " !\"#&'()*+,-./0123456789:;?" + string.ascii_uppercase + string.ascii_lowercase
"""79 characters: with the blank, the 80 labels of the tutorial's network."""

_BLENDS = ["br", "ch", "cl", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "sl", "st", "th", "tr", "wh"]
_ONSETS = [*"bcdfghjklmnprstvw", *_BLENDS]
_VOWELS = [*"aeiouy", "ai", "ea", "ee", "io", "oo", "ou"]
_CODAS = ["", "", "", *"dlmnrst", "ck", "ll", "nd", "ng", "ss", "st"]


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct words of one to four syllables."""
    syllables = [onset + vowel + coda for onset in _ONSETS for vowel in _VOWELS for coda in _CODAS]
    found: dict[str, None] = {}
    while len(found) < count:
        lengths = rng.choice([1, 2, 3, 4], p=[0.15, 0.35, 0.35, 0.15], size=count).tolist()
        drawn = iter(rng.integers(len(syllables), size=sum(lengths)).tolist())
        for length in lengths:
            found["".join(syllables[next(drawn)] for _ in range(length))] = None
    return list(found)[:count]


def text(rng: np.random.Generator, vocabulary: list[str], characters: int) -> str:
    """Words of a vocabulary, the early ones often, with a comma here and there, cut to a number of characters."""
    line = ""
    while len(line) < characters:
        word = vocabulary[int(len(vocabulary) * rng.random() ** 3)]
        line += word + (", " if rng.random() < 0.1 else " ")
    return line[:characters].strip()


def log_probs(rng: np.random.Generator, line: str, frames: int) -> NDArray[np.float32]:
    """(frames, 80) a network's output for a text: each letter in one frame or two, blanks between, some confusions.

    About two characters a frame have a probability above e**-5, as in real outputs.
    """
    labels = [ALPHABET.index(character) + 1 for character in line]
    logits = np.minimum(rng.normal(-5.5, 4.0, (frames, len(ALPHABET) + 1)), 3.5)
    logits[:, 0] = 9.5
    centres = np.linspace(0, frames - 1, 2 * len(labels) + 1)[1::2]
    for label, centre in zip(labels, centres, strict=True):
        at, after = int(centre), min(frames - 1, int(centre) + 1)
        sure = rng.normal(11.5, 2.0)
        logits[at, 0] -= rng.normal(5.0, 2.5)
        logits[at, label] = sure
        if rng.random() < 0.3:
            logits[after, label] = sure
        for frame in (at, at, after):
            confused = rng.integers(1, logits.shape[1])
            logits[frame, confused] = max(logits[frame, confused], rng.normal(6.0, 2.0))
    logits -= np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return logits.astype(np.float32)


def picture(rng: np.random.Generator, line: str) -> NDArray[np.uint8]:
    """(128, width) grey pixels of a text as a pen would write it, leaning and sloping a little, on grained paper."""
    font, scale, margin = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2.0, 40
    (width, above), below = cv2.getTextSize(line, font, scale, 3)
    page = np.full((above + below + 2 * margin, width + 4 * margin), 255, np.uint8)
    cv2.putText(page, line, (2 * margin, margin + above), font, scale, 0, 3, cv2.LINE_AA)
    lean, fall = rng.uniform(0.0, 0.5), rng.uniform(-0.01, 0.01)
    move = np.array([[1.0, -lean, lean * above], [fall, 1.0, -fall * width / 2]])
    page = cv2.warpAffine(page, move, page.shape[::-1], borderValue=255)
    page = cv2.resize(page, (round(page.shape[1] * 128 / page.shape[0]), 128), interpolation=cv2.INTER_AREA)
    grey = rng.uniform(30, 90) + (rng.uniform(180, 240) - 90) * (page / 255.0) + rng.normal(0.0, 4.0, page.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)
