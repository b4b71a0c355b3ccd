"""What commands say: errors, warnings, notes and tables, in colour only on a terminal that wants it.

Names and texts of strangers are in them: their control characters come out as escapes.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from typing import IO, Any

from htrkit.quoting import quoted, safe_json

_tracebacks = False


def style(text: str, code: str, stream: IO[str]) -> str:
    """``text`` in the ANSI style ``code``, if ``stream`` is a terminal with colours and ``NO_COLOR`` is not set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()
    return f"\x1b[{code}m{text}\x1b[0m" if wanted and text else text


def note(message: str) -> None:
    """Say something on standard error, where it cannot mix with results."""
    print("\n".join(map(quoted, message.split("\n"))), file=sys.stderr, flush=True)


def warning(message: str) -> None:
    """Say that something is odd but goes on."""
    _say("warning:", "33", message.split("\n"))


def error(message: str, *more: str) -> None:
    """Say that something could not be done, and what more there is to say about it, each in its line."""
    _say("error:", "1;31", (message, *more))


def _say(label: str, code: str, lines: Iterable[str]) -> None:
    indented = ("\n" + " " * len(f"{label} ")).join(map(quoted, lines))
    print(style(label, code, sys.stderr), indented, file=sys.stderr, flush=True)


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
