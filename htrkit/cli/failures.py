"""What failed while the others went on: named as it happens, counted for the exit code."""

from __future__ import annotations

from htrkit.cli import terminal
from htrkit.cli.progress import Bar
from htrkit.errors import HtrkitError


class Failures:
    """Files and lines that could not be read.

    Attributes
    ----------
    count
        How many there are so far.
    """

    def __init__(self, progress: Bar) -> None:
        self.count = 0
        self._progress = progress

    def add(self, problem: HtrkitError, *, alone: bool = False) -> None:
        """One more, which was ``alone`` if there is nothing else to read."""
        self.count += 1
        self._progress.done()
        terminal.failed(problem, alone=alone)
