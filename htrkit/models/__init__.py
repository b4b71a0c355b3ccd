"""The models that come with htrkit, one folder each."""

from __future__ import annotations

from pathlib import Path


def iam() -> Path:
    """The folder of ``iam``."""
    return Path(__file__).parent / "iam"


def iam_words() -> Path:
    """The folder of ``iam-words``."""
    return Path(__file__).parent / "iam-words"


def open_terms() -> Path:
    """The folder of ``open``."""
    return Path(__file__).parent / "open"
