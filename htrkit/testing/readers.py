"""Holds a reader to its contract, on data that it knows and on junk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from htrkit import pixels
from htrkit.quoting import shown
from htrkit.readers import Reader, Skipped
from htrkit.testing.contract import check_junk, promised, require
from htrkit.types import Line, Sample


def check_reader(factory: Callable[[], Reader], path: str | Path) -> None:
    """Check a reader against the contract of `htrkit.readers.Reader`.

    Parameters
    ----------
    factory
        Makes the reader: its class, or ``lambda: MyReader(option=value)``.
    path
        A file or folder that it reads at least one sample from.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    path = Path(path)
    with promised("the factory"):
        reader = factory()
    with promised("accepts"):
        require(reader.accepts(path) is True, f"accepts does not know {path}")
    entries = _entries(reader, path, f"on {path}")
    samples = [entry for entry in entries if isinstance(entry, Sample)]
    require(bool(samples), f"read gives no sample of {path}")
    ids = [sample.line.id for sample in samples]
    require(len(set(ids)) == len(ids), f"two samples have one id: {max(ids, key=ids.count)}")
    again = [_what(entry) for entry in _entries(reader, path, "the second time")]
    require(list(map(_what, entries)) == again, "read gives something else the second time")
    check_junk(reader, "read", path)


def _entries(reader: Reader, path: Path, where: str) -> list[Sample | Skipped]:
    with promised("read", where):
        entries = list(reader.read(path))
    for entry in entries:
        if isinstance(entry, Skipped):
            fits = isinstance(entry.where, str) and isinstance(entry.reason, str)
            require(fits and bool(entry.reason), f"read gives {shown(entry)}, whose where and reason are no texts")
            continue
        require(isinstance(entry, Sample), f"read gives {shown(entry)}, which is neither Sample nor Skipped")
        require(
            isinstance(entry.line, Line) and isinstance(entry.line.id, str),
            f"{shown(entry.line)} is no Line with an id",
        )
        require(isinstance(entry.text, str), f"the text of {entry.line.id} is {shown(entry.text)}")
        with promised(f"the line {entry.line.id}: its check"):
            pixels.check(entry.line.pixels)
        texts = [*entry.groups, *entry.groups.values()]
        require(all(isinstance(text, str) for text in texts), f"the groups of {entry.line.id} are not all texts")
    return entries


def _what(entry: Sample | Skipped) -> object:
    """An entry as what compares equal to itself."""
    return (
        entry if isinstance(entry, Skipped) else (entry.line.id, entry.text, entry.groups, entry.line.pixels.tobytes())
    )
