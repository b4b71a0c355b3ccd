"""The kernels compiled by numba: on first need, without the GIL, cached on disk."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

from htrkit.decoders import exact_kernel, kernel

PATIENCE = 4_000
"""Frames searched by the interpreter before the kernel is compiled: about the time that loading numba takes."""

_lock = threading.Lock()
_interpreted = 0


@dataclass(frozen=True, slots=True)
class Kernels:
    """The compiled functions of `htrkit.decoders.kernel` and `htrkit.decoders.exact_kernel` that decoders call."""

    search: Callable[..., Any]
    forward: Callable[..., Any]
    viterbi: Callable[..., Any]
    best_paths: Callable[..., Any]
    spell: Callable[..., Any]


def kernels_for(frames: int) -> Kernels | None:
    """The compiled kernels if that many more frames are worth them, or None while the interpreter will do.

    A single image must not pay for a compiler; the thousandth must not be slow. Both give the same results.
    """
    global _interpreted
    with _lock:
        _interpreted += frames
        if _interpreted <= PATIENCE:
            return None
        return compiled()


@cache
def compiled() -> Kernels:
    """Compile the kernels, or load what an earlier run compiled."""
    search = _compile(
        [
            kernel.find,
            kernel.lowest_of,
            kernel.character_step,
            kernel.bigram_index,
            kernel.words_probability,
            kernel.sampled_probability,
            kernel.mean_log_prob,
            kernel.rank,
            kernel.search,
        ]
    )
    names = ("forward", "viterbi", "best_paths", "spell")
    exact = _compile([getattr(exact_kernel, name) for name in names])
    return Kernels(search["search"], *(exact[name] for name in names))


def _compile(functions: Sequence[Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """numba's version of functions of one module; each may call those before it.

    They see each other through a copy of their module's globals, so that the module itself stays plain Python. In the
    cache they go by a name with a digest of them all: numba itself looks at the date of the file alone, and would take
    what a process with an older htrkit compiled for the new one's.
    """
    from numba import njit

    digest = hashlib.blake2b(digest_size=6)
    for code in (function.__code__ for function in functions):
        digest.update(code.co_code + repr((code.co_consts, code.co_names, code.co_varnames)).encode())
    for value in functions[0].__globals__.values():
        digest.update(" ".join(getattr(value, "_fields", ())).encode())
    names: dict[str, Any] = {}
    for function in functions:
        if not names:
            names = dict(function.__globals__)
        code = function.__code__
        twin = FunctionType(code, names, function.__name__)
        twin.__qualname__ = f"{function.__name__}_{digest.hexdigest()}"
        try:
            names[function.__name__] = njit(twin, nogil=True, cache=True)
        except RuntimeError:  # no folder that can be written to for the cache
            names[function.__name__] = njit(twin, nogil=True)
    return names
