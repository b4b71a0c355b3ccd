"""Character models by name or file: htrkit's own format, or ARPA."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from htrkit.errors import ModelError
from htrkit.language_models import arpa
from htrkit.language_models.characters import CharacterModel, from_ngrams
from htrkit.language_models.ngram_file import SUFFIX, NgramFile
from htrkit.language_models.ngrams import SPECIAL
from htrkit.resources import resource, shipped

__all__ = ["SUFFIX", "english_characters", "european_characters", "load", "load_characters", "save"]

_FILE = NgramFile("character model", "htrkit lm build --characters", "characters", "u4", "u2")


def save(model: CharacterModel, path: Path) -> None:
    """Write a character model; its tokens are the code points of its ``characters``."""
    _FILE.save([ord(character) for character in model.characters], model.trie, path)


def english_characters() -> Path:
    """The English character model that htrkit ships."""
    return shipped("english-characters", "characters-7gram.npz")


def european_characters() -> Path:
    """The character model of five languages that htrkit ships."""
    return shipped("european-characters", "characters-7gram.npz")


def load_characters(language_model: str | Path) -> CharacterModel:
    """A character model by its name (``english-characters``) or by the path of an .npz or .arpa file.

    Raises UsageError if there is no such name and no such file; ModelError if the file is no character model, or is
    damaged.
    """
    path = resource("language model", language_model)
    if path.suffix != ".arpa":
        return load(path)
    model = arpa.read(path)
    try:
        return from_ngrams(model)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def load(path: Path) -> CharacterModel:
    """Read a character model that `save` wrote.

    Raises
    ------
    ModelError
        If it is not there, is of another kind or version, or does not hang together.
    """
    arrays = _FILE.load(path)
    try:
        points = arrays["characters"]
        trie = _FILE.trie(arrays, len(SPECIAL) + len(points))
        if len(set(points.tolist())) != len(points) or np.any(points > 0x10FFFF):
            raise ModelError("its characters are not distinct code points")
    except ModelError as error:
        raise _FILE.damaged(path, error) from None
    return CharacterModel("".join(map(chr, points)), trie)
