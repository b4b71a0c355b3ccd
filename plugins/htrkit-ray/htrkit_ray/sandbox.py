"""A process for what may hang, crash or need too much memory: what it is lost on is tried once more."""

from __future__ import annotations

import base64
from typing import Any

from htrkit import HtrkitError
from htrkit.processes import LostError, Process
from htrkit_ray.plan import Plan

LOADING = 900.0
"""Seconds in which all that reading needs must be loaded."""


class Sandbox:
    """A process that does `PageWork`, started when it is needed, and anew when it was lost.

    Parameters
    ----------
    plan
        What is done.
    warm
        Whether it reads, and loads what that needs before it is asked.
    """

    def __init__(self, plan: Plan, *, warm: bool) -> None:
        self._plan, self._warm = plan, warm
        self._process: Process | None = None

    def ask(self, name: str, *arguments: object) -> dict[str, Any]:
        """What a method of `PageWork` gives.

        Raises
        ------
        LostError
            If it raised, or the process was lost on it; the next question goes to another one.
        HtrkitError
            If the process cannot do anything.
        """
        process = self._process or self._started()
        try:
            found: dict[str, Any] = process.ask((name, *arguments), self._plan.options.seconds)
        except LostError:
            self.end()
            raise
        return found

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.end()
            self._process = None

    def _started(self) -> Process:
        try:
            self._process = Process("htrkit_ray.page_work")
            self._process.ask(self._plan, LOADING)
            if self._warm:
                self._process.ask(("warm",), LOADING)
        except (LostError, OSError) as error:
            self.end()
            raise HtrkitError(f"a worker cannot be started: {error}") from error
        return self._process


def unpacked(answer: dict[str, Any], name: str) -> bytes:
    """Bytes of an answer."""
    return base64.b64decode(answer[name])
