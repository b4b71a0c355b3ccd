"""What strangers wrote, fit to be printed: file names, plugins' names, and what their exceptions and objects say."""

from __future__ import annotations

import re

from htrkit.errors import HtrkitError, PluginError

# What would end a line or a column, or steer a terminal, and half characters that no encoding can write.
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# What turns the direction of the writing after it: it can make one file name look like another.
_TURNS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_IN_RESULTS, _IN_MESSAGES = re.compile(f"[{_CONTROLS}]"), re.compile(f"[{_CONTROLS}{_TURNS}]")
# Valid inside JSON's strings, but some programs take them for line ends, and no encoding can write the last.
_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def visible(text: str) -> str:
    """A result with control characters, line ends among them, written as escapes such as ``\\t``."""
    return _IN_RESULTS.sub(_escape, text)


def quoted(text: str) -> str:
    """A part of a message, as `visible`; also what turns the direction of writing is written as escapes."""
    return _IN_MESSAGES.sub(_escape, text)


def safe_json(text: str) -> str:
    """JSON, whose strings escape control characters up to 0x1f already, with the others escaped too."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str, limit: int = 240) -> str:
    """A text without line breaks and control characters, cut at ``limit`` characters."""
    line = quoted(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shown(value: object, limit: int = 80) -> str:
    """What any object looks like, in one line."""
    try:
        return one_line(repr(value), limit)
    except BaseException:  # a stranger's __repr__ may raise anything
        return type(value).__name__


def failure(error: BaseException) -> str:
    """What a component did, in one line: ``gave None …`` where htrkit says so itself, else ``raised ValueError: …``."""
    return _text(error) if isinstance(error, PluginError) else f"raised {_typed(error)}"


def first_line(error: BaseException) -> str:
    """The first line of what an exception of a library's says; its type if it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def reason(error: BaseException) -> str:
    """What went wrong, in one line; with the exception's type where its text alone may not say enough."""
    return (isinstance(error, ImportError | AttributeError | HtrkitError) and _text(error)) or _typed(error)


def _typed(error: BaseException) -> str:
    return f"{type(error).__name__}: {_text(error)}".removesuffix(": ")


def _text(error: BaseException) -> str:
    try:
        return one_line(str(error))
    except BaseException:  # a stranger's __str__ may raise anything
        return ""


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
