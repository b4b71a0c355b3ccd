"""What a decoder has read so far, kept on disk until the comparison is done, so that a killed one goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from htrkit import plugins
from htrkit.evaluation.cache import DAY, digest
from htrkit.evaluation.contenders import Contender
from htrkit.types import Hypothesis

KEPT_DAYS = 14


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that were decoded one after the other.

    Attributes
    ----------
    lines
        Hypotheses of each line, best first; or, for a line on which the decoder failed, why.
    timed
        How many of them were decoded, failures left out.
    seconds
        That these took.
    """

    lines: tuple[tuple[Hypothesis, ...] | str, ...]
    timed: int
    seconds: float


class Journal:
    """The groups of one decoder on one data set, appended to a file as they come.

    Parameters
    ----------
    path
        The file; groups that it holds from an earlier, killed run are in ``groups``. Half a group at its end is cut
        off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.groups: list[Group] = []
        whole = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for row in path.read_bytes().splitlines(keepends=True):
                if not row.endswith(b"\n"):
                    break
                try:
                    self.groups.append(_group(json.loads(row)))
                except (ValueError, TypeError, KeyError, AttributeError):
                    break
                whole += len(row)
        self._file: IO[bytes] = path.open("ab")
        self._file.truncate(whole)

    def add(self, group: Group) -> None:
        """Keep a group."""
        self.groups.append(group)
        self._file.write(json.dumps(_values(group), ensure_ascii=True).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Leave the file for a later run."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file: its comparison is done."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def journal_path(folder: Path, contender: Contender, keys: Sequence[str], *settings: object) -> Path:
    """Where the journal of a decoder on these network outputs is.

    Another decoder, another version of its code or of a file that its options name is another journal. Journals that
    no run came back to for two weeks are removed.
    """
    for old in folder.glob("*.jsonl"):
        if time.time() - old.stat().st_mtime > KEPT_DAYS * DAY:
            old.unlink(missing_ok=True)
    files = [_state(Path(value)) for value in contender.options.values() if isinstance(value, str | Path)]
    entry = plugins.find("decoder", contender.name)
    module = entry.component.factory.partition(":")[0]
    parts = (contender.name, sorted(contender.options.items()), entry.origin, _code(module), files, list(keys))
    return folder / f"{digest(*parts, *settings)}.jsonl"


def _code(module: str) -> list[object]:
    """The state of every source file of the package that a module is in."""
    import importlib.util

    found = importlib.util.find_spec(module.partition(".")[0])
    if found is None or not found.origin:
        return []
    file = Path(found.origin)
    files = sorted(file.parent.rglob("*.py")) if found.submodule_search_locations else [file]
    return [_state(path) for path in files]


def _state(path: Path) -> object:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (path.name, status.st_size, status.st_mtime_ns)


def _values(group: Group) -> dict[str, Any]:
    lines = [
        line if isinstance(line, str) else [[one.text, one.score, one.log_prob, one.confidence] for one in line]
        for line in group.lines
    ]
    return {"lines": lines, "timed": group.timed, "seconds": group.seconds}


def _group(values: Any) -> Group:
    lines = tuple(
        line if isinstance(line, str) else tuple(Hypothesis(text, s, p, confidence=c) for text, s, p, c in line)
        for line in values["lines"]
    )
    return Group(lines, int(values["timed"]), float(values["seconds"]))
