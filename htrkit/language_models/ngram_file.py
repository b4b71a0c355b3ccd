"""Files of n-gram tries: NumPy archives without pickle, every entry checked on reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import ModelError
from htrkit.files import arrays_in
from htrkit.language_models.ngram_trie import NgramTrie

SUFFIX = ".npz"
FORMAT_VERSION = 1
# A 7-gram of a large library stays below this.
_MOST_BYTES = 1 << 30

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NgramFile:
    """One kind of model file.

    The archive holds ``version`` (1), the tokens and, one entry for each node of the trie, breadth first:
    ``child_counts``, ``symbols`` (of node 0: 0), ``log_probs`` and ``backoffs`` (natural logs, half precision: an error
    below 0.004 for each token).

    Attributes
    ----------
    kind
        ``character model``, say.
    build
        The command that makes one.
    tokens, token_type
        Under which name the archive holds the tokens, and as what type.
    number
        The type of ``child_counts`` and ``symbols``.
    """

    kind: str
    build: str
    tokens: str
    token_type: str
    number: str

    @property
    def _types(self) -> dict[str, str]:
        return {
            "version": "u1",
            self.tokens: self.token_type,
            "child_counts": self.number,
            "symbols": self.number,
            "log_probs": "f2",
            "backoffs": "f2",
        }

    def save(self, tokens: Any, trie: NgramTrie, path: Path) -> None:
        """Write a model."""
        arrays = {
            "version": FORMAT_VERSION,
            self.tokens: tokens,
            "child_counts": np.diff(trie.first_child),
            "symbols": np.maximum(trie.symbols, 0),
            "log_probs": trie.log_probs,
            "backoffs": trie.backoffs,
        }
        typed: dict[str, Any] = {name: np.asarray(values).astype(self._types[name]) for name, values in arrays.items()}
        with path.open("wb") as file:
            np.savez_compressed(file, **typed)

    def load(self, path: Path) -> Mapping[str, Array]:
        """The arrays of a file that `save` wrote.

        Raises ModelError if it is not there, or of another kind or version.
        """
        try:
            arrays = arrays_in(path, list(self._types), most=_MOST_BYTES)
        except FileNotFoundError:
            raise ModelError(f"there is no language model {path}") from None
        except OSError as error:
            raise ModelError(f"cannot read the language model {path}: {error.strerror or error}") from error
        except ValueError as error:
            raise ModelError(f"{path} is no {self.kind} ({error}); build one with {self.build!r}") from error
        version = arrays["version"].tolist()
        if version != FORMAT_VERSION:
            raise ModelError(
                f"the {self.kind} {path} has format {version}, this htrkit reads {FORMAT_VERSION}; "
                f"build it again with {self.build!r}"
            )
        return arrays

    def damaged(self, path: Path, error: Exception) -> ModelError:
        """What is to be raised about a file that holds other arrays than `save` writes."""
        return ModelError(f"the {self.kind} {path} is damaged: {error}; build it or get it again")

    def trie(self, arrays: Mapping[str, Array], n_symbols: int) -> NgramTrie:
        """The trie in the arrays of a file. Raises ModelError if they do not hang together."""
        for name, kind in self._types.items():
            expected = 0 if name == "version" else 1
            if arrays[name].dtype != np.dtype(kind) or arrays[name].ndim != expected:
                raise ModelError(f"{name} is of type {arrays[name].dtype} with {arrays[name].ndim} dimensions")
        nodes = {name: arrays[name] for name in ("child_counts", "symbols", "log_probs", "backoffs")}
        if len({len(values) for values in nodes.values()}) != 1 or not len(arrays["symbols"]):
            raise ModelError("its arrays differ in length")
        log_probs, backoffs = arrays["log_probs"].astype(np.float32), arrays["backoffs"].astype(np.float32)
        if not np.all(np.isfinite(log_probs)) or not np.all(np.isfinite(backoffs)) or np.any(log_probs > 0):
            raise ModelError("it holds figures that are no log probabilities")
        symbols = arrays["symbols"].astype(np.int64)
        symbols[0] = -1
        return NgramTrie.linked(n_symbols, arrays["child_counts"].astype(np.int64), symbols, log_probs, backoffs)
