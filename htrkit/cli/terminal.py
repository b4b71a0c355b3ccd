"""What commands say: errors, warnings, notes and tables, in colour only on a terminal that wants it.

Names and texts of strangers are in them: their control characters come out as escapes.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from htrkit.errors import InputError
from htrkit.quoting import quoted, safe_json

LONGEST_LINE = 2000
"""Characters of a line of a message; one that quotes more, of a damaged file say, is cut in the middle."""

_tracebacks = False
_details = False


def style(text: str, code: str, stream: IO[str]) -> str:
    """``text`` in the ANSI style ``code``, if ``stream`` is a terminal with colours and ``NO_COLOR`` is not set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()
    return f"\x1b[{code}m{text}\x1b[0m" if wanted and text else text


class ClosedOutput(io.TextIOBase):
    """Standard output that whoever started the command has closed: writing there is refused, and nothing else."""

    def write(self, text: str) -> int:
        """Refuse.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("standard output is closed, so there is no place for the results")


def open_closed_streams() -> None:
    """Let no file that is opened later take the place of a standard stream that is closed, and get its messages."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = sys.stdout or ClosedOutput()
    sys.stderr = sys.stderr or _nothing("w")


def _nothing(mode: str) -> IO[str]:
    return Path(os.devnull).open(mode, encoding="utf-8")


def note(message: str) -> None:
    """Say something on standard error, where it cannot mix with results; if nobody can hear it, all else goes on."""
    _print("\n".join(map(_readable, message.split("\n"))))


def _readable(line: str) -> str:
    """A line of a message, fit to be printed."""
    line = quoted(line)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE // 2]} … {line[-LONGEST_LINE // 2 :]}"


def _print(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # its disk is full, or it is a pipe that nobody reads any more
        sys.stderr = _nothing("w")


def warning(message: str) -> None:
    """Say that something is odd but goes on."""
    _say("warning:", "33", message.split("\n"))


def error(message: str, *more: str) -> None:
    """Say that something could not be done, and what more there is to say about it, each in its line."""
    _say("error:", "1;31", (message, *more))


def _say(label: str, code: str, lines: Iterable[str]) -> None:
    indented = ("\n" + " " * len(f"{label} ")).join(map(_readable, lines))
    _print(f"{style(label, code, sys.stderr)} {indented}")


def put(text: str) -> None:
    """Put a result on standard output."""
    print(text, flush=True)


def put_json(value: Any) -> None:
    """Put a result on standard output as JSON."""
    put(safe_json(json.dumps(value, ensure_ascii=False, indent=2)))


def show_tracebacks(wanted: bool) -> None:
    """Whether `failed` says where in the code it happened."""
    global _tracebacks
    _tracebacks = wanted


def show_details(wanted: bool) -> None:
    """Whether `detail` says anything."""
    global _details
    _details = wanted


def detail(message: str) -> None:
    """Say on standard error what only some want to know."""
    if _details:
        note(message)


def failed(what: str, error_: BaseException | None, *, alone: bool) -> None:
    """Say why an input failed: as an error if it was ``alone``, else as one of several, of which the others go on."""
    if _tracebacks and error_ is not None:
        note("".join(traceback.format_exception(error_)).rstrip())
    if alone:
        error(what)
    else:
        note(quoted(f"skipped {what}"))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned by spaces; the last one runs on, so that nothing is cut when the output is piped."""
    lines = [list(map(quoted, row)) for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([style(padded[0], "1", sys.stdout), *padded[1:]])
