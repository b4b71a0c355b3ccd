"""A job: long work on a project, whose state is a file, so that it is known after the server has been killed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from htrkit import InputError
from htrkit.files import whole
from htrkit_desk.settings import writable

Kind = Literal["segment", "read", "teach", "unpack"]
State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
KEPT = 50
"""Jobs that are remembered."""
NAME = "job.json"


@dataclass(frozen=True, slots=True)
class Job:
    """Long work.

    Attributes
    ----------
    pages
        What it is about, in order; of an ``unpack``, files.
    position
        How many of them are done.
    asked
        What else was asked for: ``decoder``, ``overwrite`` …
    done, total
        Lines, pages or epochs.
    note
        What it is at: a name in the page's texts, and what belongs into that text.
    skipped
        What failed meanwhile, each with its reason.
    """

    id: str
    kind: Kind
    pages: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    state: State = "waiting"
    position: int = 0
    done: int = 0
    total: int = 0
    note: tuple[str, ...] = ()
    error: str | None = None
    started: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    skipped: tuple[str, ...] = ()
    result: Mapping[str, Any] | None = None

    def json(self) -> dict[str, Any]:
        """As the browser gets it."""
        shown = ("id", "kind", "state", "done", "total", "note", "error", "started", "skipped", "result")
        return {name: getattr(self, name) for name in shown} | {"pages": len(self.pages)}


def new_id() -> str:
    """An id that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"


def save(folder: Path, job: Job) -> None:
    """Keep a job's state. Raises InputError if it cannot be written."""
    try:
        (folder / job.id).mkdir(parents=True, exist_ok=True)
        with whole(folder / job.id / NAME, sync=False) as part:
            part.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from None


def load(folder: Path) -> list[Job]:
    """The jobs that were kept, the oldest first; what cannot be understood is left out."""
    found = []
    for path in sorted(folder.glob(f"*/{NAME}")):
        try:
            job = _job(json.loads(path.read_text(encoding="utf-8")), path.parent.name)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
        found.append(job)
    return found


def _job(values: Any, id_: str) -> Job:
    names = {one.name for one in fields(Job)}
    values = writable({name: value for name, value in values.items() if name in names})
    lists = {name: tuple(map(str, values.get(name, ()))) for name in ("pages", "skipped", "note")}
    job = Job(**{**values, **lists, "id": id_})
    numbers = (job.position, job.done, job.total)
    if job.kind not in get_args(Kind) or job.state not in get_args(State) or any(type(n) is not int for n in numbers):
        raise ValueError(f"{id_} is no job")
    if not isinstance(job.asked, dict):
        raise TypeError("its options are none")
    return job
