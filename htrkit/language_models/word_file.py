"""Word models by name or file: htrkit's own format, or ARPA."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from htrkit.errors import ModelError
from htrkit.language_models import arpa
from htrkit.language_models.ngram_file import NgramFile
from htrkit.language_models.ngrams import SPECIAL
from htrkit.language_models.words import WordModel, from_ngrams
from htrkit.resources import resource, shipped

_FILE = NgramFile("word model", "htrkit lm build", "words", "u1", "u4")
BINARY = b"mmap lm http://kheafield.com/code"
"""How KenLM's binary files begin."""


def save(model: WordModel, path: Path) -> None:
    """Write a word model; its tokens are its words in UTF-8, with line feeds between."""
    _FILE.save(np.frombuffer("\n".join(model.words).encode(), np.uint8), model.trie, path)


def english_words() -> Path:
    """The English word model that htrkit ships."""
    return shipped("english-words", "words-3gram.npz")


def load_words(language_model: str | Path) -> WordModel:
    """A word model by its name (``english-words``) or by the path of an .npz or ARPA file.

    Raises UsageError if there is no such name and no such file; ModelError if the file is no word model, or is damaged.
    """
    path = resource("language model", language_model)
    if path.suffix == ".npz":
        return load(path)
    try:
        with path.open("rb") as file:
            binary = file.read(len(BINARY)) == BINARY
    except OSError as error:
        raise ModelError(f"cannot read the language model {path}: {error.strerror or error}") from error
    if binary:
        raise ModelError(f"{path} is a binary file of KenLM's, which KenLM alone can read; give the ARPA file")
    model = arpa.read(path)
    try:
        return from_ngrams(model)
    except ModelError as error:
        raise ModelError(f"the language model {path}: {error}") from None


def load(path: Path) -> WordModel:
    """Read a word model that `save` wrote.

    Raises ModelError if it is not there, is of another kind or version, or does not hang together.
    """
    arrays = _FILE.load(path)
    try:
        words = tuple(arrays["words"].tobytes().decode().split("\n"))
        trie = _FILE.trie(arrays, len(SPECIAL) + len(words))
        if len(set(words)) != len(words):
            raise ModelError("its words are not distinct")
    except (ModelError, UnicodeDecodeError) as error:
        raise _FILE.damaged(path, error) from None
    return WordModel(words, trie)
