"""KenLM's ``lmplz`` as the estimator, where it is installed: for texts that do not fit in memory."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, cast

from htrkit.errors import HtrkitError, UsageError

PROGRAM = "lmplz"


def available() -> bool:
    """Whether ``lmplz`` is on the PATH."""
    return shutil.which(PROGRAM) is not None


def estimate(
    lines: Iterable[Sequence[str]], order: int, out: Path, *, prune: Sequence[int] = (), options: Sequence[str] = ()
) -> None:
    """Let ``lmplz`` estimate a model and write it as ARPA; see `htrkit.language_models.kneser_ney` for what it does.

    Parameters
    ----------
    lines
        Lines of tokens.
    order, prune
        As the own estimator takes them.
    out
        The ARPA file to write.
    options
        Further arguments for ``lmplz``.

    Raises
    ------
    UsageError
        If ``lmplz`` is not on the PATH.
    HtrkitError
        If it fails; the message is its own last line.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise UsageError(
            f"{PROGRAM} is not on the PATH; install KenLM's programs, or build with htrkit's own estimator"
        )
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryFile() as said, out.open("wb") as arpa:
        # lmplz would take 80 % of the memory for its sort; half leaves room for whoever else is here.
        command = [program, "-o", str(order), "-S", "50%", "-T", temporary, "--discount_fallback", *options]
        if prune:
            command += ["--prune", *map(str, prune)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=arpa, stderr=said)
        try:
            with cast(IO[bytes], process.stdin) as pipe:
                for line in lines:
                    if line:
                        pipe.write((" ".join(line) + "\n").encode())
        except BrokenPipeError:
            pass  # it gave up; it says why
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        if code:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {code}"]
            raise HtrkitError(f"{PROGRAM} failed: {last[0]}; try htrkit's own estimator")
