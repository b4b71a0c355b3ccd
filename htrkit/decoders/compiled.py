"""The kernels compiled by numba: on first need, by a process of its own, without the GIL, cached on disk."""

from __future__ import annotations

import pickle
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from htrkit.decoders import beams, exact_kernel, frame_kernel, kernel, language_kernel, lines_kernel
from htrkit.decoders.notices import DecoderWarning, warn
from htrkit.files import digest
from htrkit.processes import start

PATIENCE = 4_000
"""Frames searched by the interpreter before the kernels are loaded: about the time that loading numba takes."""
SEARCHES = (beams, language_kernel, frame_kernel, kernel)
"""The modules of the beam search, each after those that it calls."""

_lock = threading.Lock()
_interpreted = 0
_here = False  # whether this process loads them, and compiles them if need be
_compiler: subprocess.Popen[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Kernels:
    """The compiled functions that decoders call: `lines_kernel`'s search, and `exact_kernel`'s weighing."""

    search_lines: Callable[..., Any]
    weigh_texts: Callable[..., Any]


def kernels_for(frames: int) -> Kernels | None:
    """The compiled kernels if that many more frames are worth them, or None while the interpreter will do.

    A single image must not pay for a compiler; the thousandth must not be slow. Both give the same results, so that
    what is not compiled yet is interpreted, while another process compiles.
    """
    global _interpreted
    with _lock:
        _interpreted += frames
        return all_kernels() if _interpreted > PATIENCE and _are_ready() else None


def expect(frames: int) -> None:
    """So many frames are coming, and are timed: if they are worth it, the kernels are compiled with the first of them,
    in this process.
    """
    global _interpreted, _here
    with _lock:
        _here = True
        _interpreted += frames


def compile_ahead(frames: int) -> None:
    """Wait until the kernels are compiled, if so many frames are worth it, so that no other process has to."""
    with _lock:
        if frames > PATIENCE and not _are_ready() and _compiler:
            _compiler.wait()


def _are_ready() -> bool:
    """Whether the kernels are compiled, or cannot be elsewhere; another process begins to compile them if none has."""
    global _compiler, _here
    kernels = all_kernels()
    if not _here and not (_is_cached(kernels.search_lines) and _is_cached(kernels.weigh_texts)):
        if _compiler is None:
            tell()
            _compiler = start("htrkit.decoders.compiling", subprocess.DEVNULL)
        if _compiler.poll() is None:
            return False
    _here = True
    return True


def _is_cached(kernel: Any) -> bool:
    """Whether a kernel was compiled before, for this machine or another, or cannot be kept at all."""
    file = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
    return file is None or Path(file._index_path).exists()


def tell() -> None:
    """Tell the user why the first lines take longer."""
    with suppress(DecoderWarning):  # one that is to be raised would cost a line
        warn("compiling what decodes: about 20 s, once")


@cache
def all_kernels() -> Kernels:
    """Compile the kernels, or load what an earlier run compiled.

    Each is given arrays of one type only, so that there is one version of it: numba numbers the versions in its cache,
    and two processes that begin at once may number them differently.
    """
    return Kernels(
        compile_kernel(
            lines_kernel.search_lines, [each for room in SEARCHES for each in room.FUNCTIONS], allocates=False
        ),
        compile_kernel(exact_kernel.weigh_texts, [exact_kernel.forward, exact_kernel.viterbi], allocates=False),
    )


def compile_kernel(function: Any, needs: Sequence[Any] = (), *, allocates: bool = True) -> Callable[..., Any]:
    """numba's version of a function of a module, without the GIL, and cached on disk.

    They see each other through a copy of their modules' globals, so that the modules themselves stay plain Python. In
    the cache the function goes by a name with a digest of them all: numba itself looks at the date of the file alone,
    and would take what a process with an older htrkit compiled for the new one's. A cache that is damaged, full or
    missing costs the time to compile, and nothing else.

    Parameters
    ----------
    needs
        The functions that it calls, each after those that it calls itself.
    allocates
        Whether they make arrays; those that do not are spared counting the references of every array that they see.
    """
    from numba import njit

    names = dict(function.__globals__)
    for each in needs:
        names = each.__globals__ | names
    codes = [each.__code__ for each in (*needs, function)]
    compiled_from = [(code.co_code, code.co_consts, code.co_names, code.co_varnames) for code in codes]
    constants = {name: value for name, value in names.items() if isinstance(value, int | float)}
    fields = {name: value._fields for name, value in names.items() if hasattr(value, "_fields")}
    # Division by zero does not occur, and need not be looked for.
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": allocates}
    for each in needs:
        # Inlined, or else each call counts the references of every array that it is given.
        names[each.__name__] = njit(FunctionType(each.__code__, names, each.__name__), forceinline=True, **options)
    twin = FunctionType(function.__code__, names, function.__name__)
    twin.__qualname__ = f"{function.__name__}_{digest(compiled_from, constants, fields, options)[:12]}"
    compiled: Callable[..., Any] = njit(twin, **options)
    with suppress(Exception):  # there is no folder for the cache that can be written to
        compiled._cache = _cache_of(twin)  # type: ignore[attr-defined]  # what numba's cache=True sets
    return compiled


def _cache_of(function: Any) -> Any:
    """numba's cache of a function, without its exceptions, and with a digest of what it holds."""
    caching: Any = import_module("numba.core.caching")
    serialize: Any = import_module("numba.core.serialize")

    class Sealed(caching.CompileResultCacheImpl):  # type: ignore[misc]  # numba has no types
        def reduce(self, data: Any) -> tuple[str, bytes]:
            content = serialize.dumps(super().reduce(data))
            return digest(content), content

        def rebuild(self, target_context: Any, data: tuple[str, bytes]) -> Any:
            seal, content = data
            if digest(content) != seal:
                raise ValueError("damaged")
            return super().rebuild(target_context, pickle.loads(content))

    class Forgiving(caching.FunctionCache):  # type: ignore[misc]  # numba has no types
        _impl_class = Sealed

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            found = None
            try:
                found = super().load_overload(sig, target_context)
            except Exception:  # of a damaged pickle, any
                with suppress(Exception):
                    self.flush()  # or else nothing could be saved in it either
            if found is None:
                tell()
            return found

        def save_overload(self, sig: Any, data: Any) -> None:
            with suppress(Exception):  # a full disk
                super().save_overload(sig, data)

    return Forgiving(function)
