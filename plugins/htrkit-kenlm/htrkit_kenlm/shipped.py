"""The language model that this package ships."""

from __future__ import annotations

from pathlib import Path


def english_words() -> Path:
    """The English word model; its sources and terms stand beside it."""
    return Path(__file__).parent / "english_words" / "words-4gram.bin"
