"""The language models that htrkit ships, and character models by name or path."""

from __future__ import annotations

from pathlib import Path

from htrkit.language_models import arpa, character_file
from htrkit.language_models.characters import CharacterModel, from_ngrams
from htrkit.resources import resource, shipped

KIND = "language model"


def english_characters() -> Path:
    """The English character model that htrkit ships."""
    return shipped("english-characters", "characters-6gram.npz")


def load_characters(language_model: str | Path) -> CharacterModel:
    """A character model by its name (``english-characters``) or by the path of an .npz or .arpa file.

    Raises
    ------
    UsageError
        If there is no such name and no such file.
    ModelError
        If the file is no character model, or is damaged.
    """
    path = resource(KIND, language_model)
    return from_ngrams(arpa.read(path)) if path.suffix == ".arpa" else character_file.load(path)
