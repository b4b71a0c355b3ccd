"""Character models by name or file: a NumPy archive without pickle, every entry checked on reading, or ARPA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import ModelError
from htrkit.files import arrays_in
from htrkit.language_models import arpa
from htrkit.language_models.characters import CharacterModel, from_ngrams, linked
from htrkit.resources import resource, shipped

SUFFIX = ".npz"
FORMAT_VERSION = 1

_ARRAYS = {
    "version": "u1",
    "characters": "u4",
    "child_counts": "u2",
    "symbols": "u2",
    "log_probs": "f2",
    "backoffs": "f2",
}
# A 7-gram of a large library stays below this.
_MOST_BYTES = 1 << 30


def save(model: CharacterModel, path: Path) -> None:
    """Write a character model.

    The archive holds ``version`` (1), ``characters`` (code points) and, one entry for each node of the trie, breadth
    first: ``child_counts``, ``symbols`` (of node 0: 0), ``log_probs`` and ``backoffs`` (natural logs, half precision:
    an error below 0.004 per character).
    """
    arrays = {
        "version": FORMAT_VERSION,
        "characters": [ord(character) for character in model.characters],
        "child_counts": np.diff(model.first_child),
        "symbols": np.maximum(model.symbols, 0),
        "log_probs": model.log_probs,
        "backoffs": model.backoffs,
    }
    typed: dict[str, Any] = {name: np.asarray(values).astype(_ARRAYS[name]) for name, values in arrays.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, **typed)


def english_characters() -> Path:
    """The English character model that htrkit ships."""
    return shipped("english-characters", "characters-6gram.npz")


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
    try:
        arrays = arrays_in(path, list(_ARRAYS), most=_MOST_BYTES)
    except FileNotFoundError:
        raise ModelError(f"there is no language model {path}") from None
    except OSError as error:
        raise ModelError(f"cannot read the language model {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ModelError(
            f"{path} is no character model ({error}); build one with 'htrkit lm build --characters'"
        ) from error
    version = arrays["version"].tolist()
    if version != FORMAT_VERSION:
        raise ModelError(
            f"the character model {path} has format {version}, this htrkit reads {FORMAT_VERSION}; "
            "build it again with 'htrkit lm build --characters'"
        )
    try:
        return _checked(arrays)
    except ModelError as error:
        raise ModelError(f"the character model {path} is damaged: {error}; build it or get it again") from None


def _checked(arrays: dict[str, NDArray[Any]]) -> CharacterModel:
    for name, kind in _ARRAYS.items():
        expected = 0 if name == "version" else 1
        if arrays[name].dtype != np.dtype(kind) or arrays[name].ndim != expected:
            raise ModelError(f"{name} is of type {arrays[name].dtype} with {arrays[name].ndim} dimensions")
    points = arrays["characters"]
    if len(set(points.tolist())) != len(points) or np.any(points > 0x10FFFF):
        raise ModelError("its characters are not distinct code points")
    nodes = {name: arrays[name] for name in ("child_counts", "symbols", "log_probs", "backoffs")}
    if len({len(values) for values in nodes.values()}) != 1 or not len(arrays["symbols"]):
        raise ModelError("its arrays differ in length")
    log_probs, backoffs = arrays["log_probs"].astype(np.float32), arrays["backoffs"].astype(np.float32)
    if not np.all(np.isfinite(log_probs)) or not np.all(np.isfinite(backoffs)) or np.any(log_probs > 0):
        raise ModelError("it holds figures that are no log probabilities")
    symbols = arrays["symbols"].astype(np.int64)
    symbols[0] = -1
    return linked("".join(map(chr, points)), arrays["child_counts"].astype(np.int64), symbols, log_probs, backoffs)
