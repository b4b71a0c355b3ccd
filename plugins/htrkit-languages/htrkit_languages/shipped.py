"""The files that this package ships: for each language a character model and a word list."""

from __future__ import annotations

from functools import partial
from pathlib import Path


def _shipped(name: str) -> Path:
    return Path(__file__).parent / "novels" / name


french, french_characters = partial(_shipped, "french-words.txt"), partial(_shipped, "french-characters-6gram.npz")
german, german_characters = partial(_shipped, "german-words.txt"), partial(_shipped, "german-characters-6gram.npz")
spanish, spanish_characters = partial(_shipped, "spanish-words.txt"), partial(_shipped, "spanish-characters-6gram.npz")
italian, italian_characters = partial(_shipped, "italian-words.txt"), partial(_shipped, "italian-characters-6gram.npz")
