"""A KenLM model file, checked, with the words that it knows."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from htrkit import ModelError
from htrkit.files import file_digest
from htrkit.foreign import try_first
from htrkit.language_models import arpa
from htrkit.language_models.characters import SPACE
from htrkit.language_models.ngrams import SPECIAL
from htrkit.language_models.word_file import BINARY

_ARCHIVE = b"PK"
_FIRST_WORD = SPECIAL[0].encode() + b"\0"
# What KenLM takes for a word if the file has no <unk>.
_NO_UNKNOWN = -99.0


@dataclass(frozen=True, slots=True)
class WordModel:
    """A loaded model.

    Attributes
    ----------
    path
        Its file.
    model
        A ``kenlm.Model``.
    words
        The words it knows.
    """

    path: Path
    model: Any
    words: frozenset[str]


def load(path: Path, *, foreign: bool = False) -> WordModel:
    """Load an ARPA file or a binary of KenLM's.

    Parameters
    ----------
    foreign
        Nobody knows where it comes from. KenLM crashes on damaged binaries: they are tried in another process first.

    Raises
    ------
    ModelError
        If it is no such file, is damaged, keeps no list of its words, or has no ``<unk>``.
    """
    import kenlm

    try:
        with path.open("rb") as file:
            head = file.read(len(BINARY))
            if foreign and head == BINARY:
                try_first(f"the language model {path}", file_digest(path), partial(_score_all, path))
    except OSError as error:
        raise ModelError(f"cannot read the language model {path}: {error.strerror or error}") from error
    if head.startswith(_ARCHIVE):
        raise ModelError(f"the language model {path} is no word model; if it is one of characters, beam reads with it")
    words = (_binary_words(path) if head == BINARY else arpa.vocabulary(path)).difference(SPECIAL)
    if words and all(len(word) == 1 or word == SPACE for word in words):
        raise ModelError(f"the language model {path} is one of characters, with which beam reads; this wants words")
    config = kenlm.Config()
    config.show_progress = False
    config.arpa_complain = kenlm.ARPALoadComplain.NONE
    try:
        model = kenlm.Model(str(path), config)
    except (OSError, RuntimeError, ValueError) as error:
        if "bigram" in str(error):
            raise ModelError(f"the language model {path} has order 1, but KenLM needs 2 or more") from error
        raise ModelError(f"KenLM cannot read the language model {path}: {error}") from error
    state, after = kenlm.State(), kenlm.State()
    model.NullContextWrite(state)
    if model.BaseScore(state, SPECIAL[0], after) <= _NO_UNKNOWN:
        raise ModelError(
            f"the language model {path} has no {SPECIAL[0]}: every word it does not know would cost 100 decades; "
            "build it with 'htrkit lm build' or lmplz"
        )
    return WordModel(path, model, frozenset(words))


def _score_all(path: Path) -> None:
    """Load a model, and let it look up every word after others."""
    import kenlm

    found = load(path)
    start, state, after = kenlm.State(), kenlm.State(), kenlm.State()
    found.model.BeginSentenceWrite(start)
    for word in found.words:
        for before in (start, state):
            found.model.BaseScore(before, word, after)
        found.model.BaseScore(after, word, state)


def _binary_words(path: Path) -> set[str]:
    """The words that KenLM appends to its binary files, each ended by a zero byte, ``<unk>`` first."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.rfind(_FIRST_WORD)
        if start < 0 or content[-1:] != b"\0":
            raise ModelError(
                f"the language model {path} does not hold the list of its words, or is cut off; build it anew"
            )
        return set(content[start:-1].decode("utf-8", errors="replace").split("\0"))
