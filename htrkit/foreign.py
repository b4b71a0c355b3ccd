"""What a stranger made is tried in a process of its own, within limits, before it is opened in this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from htrkit import errors
from htrkit.errors import HtrkitError, ModelError
from htrkit.files import digest, user_cache
from htrkit.processes import LostError, Process, limit_foreign_memory, serve

SECONDS = 10.0
"""That a trial may take."""
START = 60.0
"""Seconds for loading the code that the trial needs, which is no stranger's."""
KEPT = 1000
"""Trials that are remembered."""

Trial = Callable[[], object]
"""Can be pickled, as a `functools.partial` of a module's function can."""


def try_first(what: str, key: str, trial: Trial, *, loading: Trial | None = None) -> None:
    """Try something in another process, once: what has passed is remembered in htrkit's cache.

    Parameters
    ----------
    what
        What messages call it.
    key
        A digest of all that the trial depends on.
    loading
        Loads the code that the trial needs.

    Raises
    ------
    ModelError
        If the trial crashes, takes too long or needs too much memory.
    HtrkitError
        As the trial raises.
    """
    passed = _passed(key)
    if passed is not None and passed.exists():
        return
    try:
        process = Process(__name__)
    except OSError as error:
        raise ModelError(f"{what} cannot be tried in a process of its own: {error.strerror or error}") from error
    try:
        if loading:
            process.ask(_Request(loading), START)
        answer = process.ask(_Request(trial, limited=True), SECONDS)
    except LostError as error:
        raise ModelError(f"{what} was tried in a process of its own, which {error}") from error
    finally:
        process.end()
    if "error" in answer:
        raise getattr(errors, answer["class"], HtrkitError)(answer["error"])
    if passed is not None:
        _remember(passed)


@dataclass(frozen=True, slots=True)
class _Request:
    """A trial, whose memory may be limited."""

    trial: Trial
    limited: bool = False

    def answer(self) -> Mapping[str, object]:
        """Nothing, if the trial ends well."""
        if self.limited:
            limit_foreign_memory()
        try:
            self.trial()
        except HtrkitError as error:
            return {"class": type(error).__name__, "error": str(error)}
        return {}


def main() -> None:
    """Try what is asked for; this is the other process."""
    serve(_Request.answer)


def _passed(key: str) -> Path | None:
    """The file whose being there says that the trial has passed; None if there is no cache."""
    from htrkit import __version__  # which takes a moment to find out

    try:
        return user_cache() / "tried" / digest(__version__, key)
    except HtrkitError:  # no home folder
        return None


def _remember(passed: Path) -> None:
    """A cache that cannot be written to is done without."""
    with suppress(OSError):
        passed.parent.mkdir(parents=True, exist_ok=True)
        passed.touch()
        for old in sorted(passed.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
