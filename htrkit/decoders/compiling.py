"""Compiles the kernels for those who come after: what a process of its own does while others interpret them."""

from __future__ import annotations

import os
from contextlib import suppress

import numpy as np

from htrkit.decoders.beam import Beam
from htrkit.decoders.compiled import PATIENCE, expect
from htrkit.errors import HtrkitError
from htrkit.files import user_cache


def main() -> None:
    """Decode a line, and so compile what that needs; of several processes the first does, and the others wait."""
    with suppress(ImportError, OSError, HtrkitError):  # where there are no locks, or no cache, each does
        import fcntl

        user_cache().mkdir(parents=True, exist_ok=True)
        fcntl.flock(os.open(user_cache() / "compiling", os.O_CREAT | os.O_WRONLY), fcntl.LOCK_EX)
    expect(PATIENCE + 1)
    Beam("a").decode(np.log([[0.5, 0.5]]))
