"""A writer of comma-separated values."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Literal

from htrkit import Result, Run


class Csv:
    """A row for each line: its id, its text and how sure that is; the last row counts them.

    Parameters
    ----------
    run
        Where the results come from.
    delimiter
        What stands between the cells.
    """

    def __init__(self, run: Run, *, delimiter: Literal[",", ";"] = ",") -> None:
        self.run, self.delimiter = run, delimiter

    def __call__(self, results: Iterable[Result]) -> Iterator[str]:
        """The rows, as the results come."""
        yield self._row("line", "text", "confidence")
        count = 0
        for result in results:
            count += 1
            yield self._row(result.id, result.text, "" if result.confidence is None else f"{result.confidence:.3f}")
        yield self._row(f"{count} lines", f"read with {self.run.model}", "")

    def _row(self, *cells: str) -> str:
        row = io.StringIO()
        csv.writer(row, delimiter=self.delimiter, lineterminator="\n").writerow(cells)
        return row.getvalue()
