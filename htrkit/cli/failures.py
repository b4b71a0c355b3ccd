"""What failed while the others went on: named as it happens, counted for the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htrkit.cli import terminal
from htrkit.errors import HtrkitError

if TYPE_CHECKING:
    from htrkit.types import Failed


class Failures:
    """Files and lines that could not be read.

    Attributes
    ----------
    count
        How many there are so far.
    """

    def __init__(self) -> None:
        self.count = 0

    def add(self, problem: HtrkitError | Failed, *, alone: bool = False) -> None:
        """One more, which was ``alone`` if there is nothing else to read."""
        self.count += 1
        terminal.failed(str(problem), problem if isinstance(problem, HtrkitError) else problem.error, alone=alone)
