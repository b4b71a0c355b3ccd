"""The jobs of a project: one after the other, with progress, cancelled and gone on with."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from htrkit import HtrkitError, InputError
from htrkit.quoting import failure, reason
from htrkit_desk import job as kept
from htrkit_desk.job import Job, Kind
from htrkit_desk.project import UnknownError

OFTEN = 0.2
"""Seconds between two things that are said of a job."""


class StoppedError(Exception):
    """The job is cancelled, or the server ends."""


class Task:
    """A job that runs: what its work tells, and how it is stopped."""

    def __init__(self, job: Job, folder: Path, told: Callable[[Job], None]) -> None:
        self.job, self.folder = job, folder / job.id
        self._kept, self._told, self._said = folder, told, 0.0
        self._end: Callable[[], None] | None = None
        self._stopped = threading.Event()

    def update(self, *, keep: bool = False, **changes: Any) -> None:
        """Note how far it is; ``keep`` what it can go on from.

        Raises
        ------
        StoppedError
            If it is to stop.
        """
        self.job = replace(self.job, **changes)
        if keep:
            kept.save(self._kept, self.job)
        if keep or time.monotonic() - self._said > OFTEN:
            self._said = time.monotonic()
            self._told(self.job)
        if self._stopped.is_set():
            raise StoppedError

    def skip(self, why: str) -> None:
        """Note what failed, while the others go on."""
        self.job = replace(self.job, skipped=(*self.job.skipped, why)[-100:])

    def ends_by(self, end: Callable[[], None]) -> None:
        """Say how what it waits for is ended."""
        self._end = end
        if self._stopped.is_set():
            end()
            raise StoppedError

    def stop(self) -> None:
        """Stop it, from another thread."""
        self._stopped.set()
        if self._end is not None:
            self._end()

    @property
    def stopped(self) -> bool:
        """Whether it is to stop."""
        return self._stopped.is_set()


class Jobs:
    """Runs the jobs of a project on a thread, one at a time.

    Parameters
    ----------
    folder
        Where their states are kept.
    work
        What does each kind of them.
    told
        Called with a job when something is new of it.
    """

    def __init__(self, folder: Path, work: Mapping[Kind, Callable[[Task], None]], told: Callable[[Job], None]) -> None:
        self._folder, self._work, self._told = folder, work, told
        self._lock = threading.RLock()
        self._jobs = {job.id: job for job in kept.load(folder)}
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._task: Task | None = None
        self._closing = False
        for job in list(self._jobs.values()):
            if job.state in ("running", "waiting"):
                self._put(replace(job, state="interrupted", note=()))
        for old in list(self._jobs)[: -kept.KEPT]:
            del self._jobs[old]
            shutil.rmtree(folder / old, ignore_errors=True)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def all(self) -> list[Job]:
        """The jobs, the newest first."""
        with self._lock:
            return [self._jobs[id_] for id_ in sorted(self._jobs, reverse=True)]

    def begin(self, kind: Kind, pages: tuple[str, ...], asked: Mapping[str, Any], total: int = 0) -> Job:
        """Begin a job as soon as those before it are done."""
        with self._lock:
            job = Job(kept.new_id(), kind, pages, dict(asked), total=total)
            self._put(job)
            self._queue.put(job.id)
            return job

    def cancel(self, id_: str) -> Job:
        """Stop a job; it can be gone on with."""
        with self._lock:
            job = self._get(id_)
            if self._task is not None and self._task.job.id == id_:
                self._task.stop()
            elif job.state in ("waiting", "interrupted"):
                self._put(replace(job, state="cancelled", note=()))
            return self._jobs[id_]

    def resume(self, id_: str) -> Job:
        """Go on with a job that was stopped. Raises InputError if it was not."""
        with self._lock:
            job = self._get(id_)
            if job.state not in ("interrupted", "cancelled", "failed"):
                raise InputError(f"this job is {job.state}: there is nothing to go on with")
            self._put(replace(job, state="waiting", error=None, note=()))
            self._queue.put(id_)
            return self._jobs[id_]

    def close(self) -> None:
        """Stop what runs; it is interrupted, for the next start."""
        self._closing = True
        self._queue.put(None)
        if self._task is not None:
            self._task.stop()
        self._thread.join(5.0)

    def _get(self, id_: str) -> Job:
        if id_ not in self._jobs:
            raise UnknownError(f"there is no job {id_[:80]!r}")
        return self._jobs[id_]

    def _put(self, job: Job) -> None:
        with self._lock:
            kept.save(self._folder, job)
            self._jobs[job.id] = job
        self._told(job)

    def _heard(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.id] = job
        self._told(job)

    def _tried(self, job: Job) -> None:
        """Note the state of a job, in memory at least: on a full disk it ends, and the next one has its turn."""
        with suppress(InputError):
            kept.save(self._folder, job)
        self._heard(job)

    def _run(self) -> None:
        while (id_ := self._queue.get()) is not None and not self._closing:
            with self._lock:
                job = self._jobs[id_]
                if job.state != "waiting":
                    continue
                self._task = task = Task(replace(job, state="running", note=()), self._folder, self._heard)
                self._tried(task.job)
            self._tried(self._ended(task))
            self._task = None

    def _ended(self, task: Task) -> Job:
        """The job after its work."""
        try:
            self._work[task.job.kind](task)
            return replace(task.job, state="done")
        except StoppedError:
            pass
        except HtrkitError as error:
            if not task.stopped:
                return replace(task.job, state="failed", error=reason(error))
        except Exception as error:  # a job's failure is its own
            if not task.stopped:
                return replace(task.job, state="failed", error=f"unexpected: {failure(error).removeprefix('raised ')}")
        return replace(task.job, state="interrupted" if self._closing else "cancelled", note=())
